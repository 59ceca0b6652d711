-- Forward-auth for HAProxy: `http-request lua.countersign HOST:PORT` asks the gateway about the request.
-- 204 lets it on, with the headers that the gateway answers; anything else is answered to the client.
-- When the gateway does not answer, nobody gets in.

local TOLD = {
  "countersign-user", "countersign-session", "countersign-acr", "countersign-amr", "countersign-groups",
  "countersign-client", "countersign-scope", "countersign-assertion",
  -- The client's cookies without the gateway's, and no token.
  "cookie", "authorization",
}
-- What belongs to the connection or to the body, which is not sent along, and what we say ourselves.
local LEFT_OUT = {
  ["connection"] = true, ["content-length"] = true, ["transfer-encoding"] = true, ["expect"] = true, ["te"] = true,
  ["upgrade"] = true, ["keep-alive"] = true, ["host"] = true, ["x-forwarded-method"] = true, ["x-forwarded-uri"] = true,
}
local PASSED_BACK = { "location", "www-authenticate", "content-type", "cache-control", "retry-after", "x-request-id" }

local function first(headers, name)
  local values = headers and headers[name]
  return values and values[0]
end

-- Values in a list that begins at 0, as HAProxy gives them, in one that begins at 1, as its client wants them.
local function asked(txn)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not LEFT_OUT[name] then
      local list = {}
      for place = 0, #values do
        list[place + 1] = values[place]
      end
      headers[name] = list
    end
  end
  headers["x-forwarded-method"] = { txn.f:method() }
  -- As it was sent: what could be read in two ways is refused.
  headers["x-forwarded-uri"] = { txn.f:pathq() }
  return headers
end

local function let_on(txn, answer)
  for _, name in ipairs(TOLD) do
    local value = first(answer.headers, name)
    txn.http:req_del_header(name)
    if value and value ~= "" then
      txn.http:req_set_header(name, value)
    end
  end
end

local function refuse(txn, answer)
  local reply = txn:reply()
  local status = answer and answer.status or 0
  if status < 300 then
    reply:set_status(503, "Service Unavailable")
    reply:add_header("retry-after", "1")
    txn:done(reply)
    return
  end
  reply:set_status(status)
  for _, name in ipairs(PASSED_BACK) do
    local value = first(answer.headers, name)
    if value then
      reply:add_header(name, value)
    end
  end
  reply:set_body(answer.body or "")
  txn:done(reply)
end

core.register_action("countersign", { "http-req" }, function(txn, gateway)
  local answer = core.httpclient():get({
    url = "http://" .. gateway .. "/authz/forward-auth",
    headers = asked(txn),
    timeout = 5000,
  })
  if answer and answer.status == 204 then
    let_on(txn, answer)
  else
    refuse(txn, answer)
  end
end, 1)
