'use strict';

/*
 * Walks through authy-client's public methods against a simulator and prints what happened as one JSON object.
 * Its host is an option of its own, so nothing of it is changed. Callbacks come in on a server of node's own,
 * and are handed to verifyCallback as a framework such as express would: body, headers, method, protocol, url.
 */
const http = require('http');
const { Client } = require('authy-client');

const [host, key, callbackPort, number] = process.argv.slice(2);
const client = new Client({ key }, { host });
const logos = [{ res: 'default', url: 'https://e.example/a.png' }, { res: 'high', url: 'https://e.example/b.png' }];
const details = { hidden: { challenge: 'c-1' }, visible: { Browser: 'Firefox', 'Process ID': '42', Place: 'Zürich / CH' } };

const callbacks = [];
const waiting = [];
const server = http.createServer((incoming, answer) => {
  const parts = [];
  incoming.on('data', part => parts.push(part));
  incoming.on('end', () => {
    const { headers, method, url } = incoming;
    const request = { body: JSON.parse(Buffer.concat(parts)), headers, method, protocol: 'http', url };
    answer.end();
    const next = waiting.shift();
    if (next) next(request); else callbacks.push(request);
  });
});
const nextCallback = () => callbacks.length ? callbacks.shift() : new Promise(resolve => waiting.push(resolve));

async function control(method, path, body) {
  const options = { method, body: body && JSON.stringify(body) };
  return (await fetch(`${host}/control/${path}`, options)).json();
}

async function refusal(call) {
  try {
    await call;
    return null;
  } catch (error) {
    return { code: error.code, name: error.constructor.name, body: error.body };
  }
}

async function push(authyId, button) {
  const made = await client.createApprovalRequest({ authyId, details, logos, message: 'Sign in?' }, { ttl: 120 });
  const { uuid } = made.approval_request;
  const before = await client.getApprovalRequest({ id: uuid });
  await control('POST', `approval_requests/${uuid}/${button}`);
  const after = await client.getApprovalRequest({ id: uuid });
  return { after: after.approval_request.status, before: before.approval_request.status, request: await nextCallback() };
}

async function verdict(request) {
  return refusal(client.verifyCallback(request));
}

async function journey() {
  const seen = {};
  const user = { countryCode: 'GB', email: 'ada@example.com', phone: number };
  const { user: { id: authyId } } = await client.registerUser(user);
  seen.authyId = authyId;
  seen.status = (await client.getUserStatus({ authyId })).status;
  seen.application = (await client.getApplicationDetails()).app;
  seen.statistics = (await client.getApplicationStatistics()).total_users;
  seen.activity = (await client.registerActivity({ authyId, type: 'cookie_login', data: { a: 'b' } }, { ip: '192.0.2.1' })).message;
  seen.ignoredSms = (await client.requestSms({ authyId })).ignored;
  seen.ignoredCall = (await client.requestCall({ authyId })).ignored;

  await client.requestSms({ authyId }, { force: true });
  const { messages } = await control('GET', `phones/44-${number}`);
  seen.verified = (await client.verifyToken({ authyId, token: messages[0].code }, { force: true })).token;
  seen.usedToken = await refusal(client.verifyToken({ authyId, token: messages[0].code }, { force: true }));
  seen.wrongToken = await refusal(client.verifyToken({ authyId, token: '0000000' }, { force: true }));
  seen.unknownUser = await refusal(client.getUserStatus({ authyId: 5 }));
  seen.wrongKey = await refusal(new Client({ key: 'wrong' }, { host }).getApplicationDetails());

  const approved = await push(authyId, 'approve');
  const denied = await push(authyId, 'deny');
  seen.approved = { after: approved.after, before: approved.before, refused: await verdict(approved.request) };
  seen.denied = { after: denied.after, before: denied.before, refused: await verdict(denied.request) };
  seen.forged = await verdict({ ...denied.request, body: { ...denied.request.body, status: 'approved' } });
  await control('PUT', 'faults', { rules: [{ count: 1, fault: 'badly_signed' }] });
  seen.badlySigned = await verdict((await push(authyId, 'approve')).request);

  seen.deleted = (await client.deleteUser({ authyId })).success;
  return seen;
}

server.listen(Number(callbackPort), '127.0.0.1', async () => {
  try {
    process.stdout.write(`${JSON.stringify(await journey())}\n`);
  } catch (error) {
    process.stderr.write(`${error.stack}\n${JSON.stringify(error.errors || error.body || {})}\n`);
    process.exitCode = 1;
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
