// better-auth as its documentation sets it up for Node: e-mail and password, a second factor by TOTP, PostgreSQL.
// Told by the environment: DATABASE_URL, PORT, SECRET, MEMORY_KIB and PASSES of Argon2id, COOKIE_CACHE (1 or nothing).

import { createServer } from "node:http";

import { hash, verify } from "@node-rs/argon2";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { twoFactor } from "better-auth/plugins/two-factor";
import pg from "pg";

const { DATABASE_URL, PORT, SECRET, MEMORY_KIB, PASSES, COOKIE_CACHE } = process.env;
const ARGON2ID = 2;
const cost = { algorithm: ARGON2ID, memoryCost: Number(MEMORY_KIB), timeCost: Number(PASSES), parallelism: 1 };
const url = `http://127.0.0.1:${PORT}`;

const auth = betterAuth({
  baseURL: url,
  secret: SECRET,
  database: new pg.Pool({ connectionString: DATABASE_URL }),
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => hash(password, cost),
      verify: ({ hash: kept, password }) => verify(kept, password),
    },
  },
  plugins: [twoFactor()],
  session: { cookieCache: { enabled: COOKIE_CACHE === "1", maxAge: 3600 } },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});

const { runMigrations } = await getMigrations(auth.options);
await runMigrations();
const server = createServer(toNodeHandler(auth));
server.keepAliveTimeout = 75_000;
server.listen(Number(PORT), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
