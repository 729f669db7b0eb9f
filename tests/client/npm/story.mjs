// Drives the console with the npm package `openai`, unmodified, and prints the operations that it called.
import { strict as assert } from "node:assert";

import OpenAI, { ConflictError, NotFoundError, PermissionDeniedError } from "openai";

const client = new OpenAI({
  adminAPIKey: process.env.ADMIN_KEY,
  apiKey: null,
  baseURL: `${process.env.CONSOLE_URL}/v1`,
});
const { invites, projects, users, usage } = client.admin.organization;
const adminKeys = client.admin.organization.adminAPIKeys;
const auditLogs = client.admin.organization.auditLogs;
const called = [];

async function call(name, act) {
  const answer = await act;
  called.push(name);
  return answer;
}

async function readAll(name, list) {
  const rows = [];
  for await (const row of list) rows.push(row);
  called.push(name);
  return rows;
}

const project = await call("projects.create", projects.create({ name: "Search" }));
assert.equal(project.status, "active");
assert.equal((await call("projects.retrieve", projects.retrieve(project.id))).name, "Search");
assert.equal((await call("projects.update", projects.update(project.id, { name: "Find" }))).name, "Find");
assert.ok((await readAll("projects.list", projects.list({ limit: 1 }))).some(({ id }) => id === project.id));
await assert.rejects(projects.create({ name: "Find" }), ConflictError);

const invite = await call(
  "invites.create",
  invites.create({ email: "ada@example.com", role: "reader", projects: [{ id: project.id, role: "member" }] }),
);
assert.equal((await call("invites.retrieve", invites.retrieve(invite.id))).status, "pending");
assert.ok((await readAll("invites.list", invites.list({ limit: 1 }))).length > 1);
assert.equal((await call("invites.delete", invites.delete(invite.id))).deleted, true);

const people = await readAll("users.list", users.list({ limit: 2 }));
const member = people.find(({ email }) => email === "member@northwind.example");
assert.equal((await call("users.retrieve", users.retrieve(member.id))).role, "reader");
assert.equal((await call("users.update", users.update(member.id, { role: "owner" }))).role, "owner");

const inProject = { project_id: project.id };
const added = await call("projects.users.create", projects.users.create(project.id, { user_id: member.id, role: "member" }));
assert.equal((await call("projects.users.retrieve", projects.users.retrieve(added.id, inProject))).id, member.id);
assert.equal(
  (await call("projects.users.update", projects.users.update(added.id, { ...inProject, role: "owner" }))).role,
  "owner",
);
assert.equal((await readAll("projects.users.list", projects.users.list(project.id))).length, 1);
assert.equal((await call("projects.users.delete", projects.users.delete(added.id, inProject))).deleted, true);
assert.equal((await call("users.delete", users.delete(member.id))).deleted, true);
await assert.rejects(users.retrieve(member.id), NotFoundError);

const accounts = projects.serviceAccounts;
const account = await call("projects.serviceAccounts.create", accounts.create(project.id, { name: "CI" }));
assert.match(account.api_key.value, /^pk_/);
assert.equal((await call("projects.serviceAccounts.retrieve", accounts.retrieve(account.id, inProject))).name, "CI");
assert.equal((await readAll("projects.serviceAccounts.list", accounts.list(project.id))).length, 1);
const [key] = await readAll("projects.apiKeys.list", projects.apiKeys.list(project.id));
assert.equal((await call("projects.apiKeys.retrieve", projects.apiKeys.retrieve(key.id, inProject))).id, key.id);
assert.equal((await call("projects.apiKeys.delete", projects.apiKeys.delete(key.id, inProject))).deleted, true);
assert.equal((await call("projects.serviceAccounts.delete", accounts.delete(account.id, inProject))).deleted, true);
assert.equal((await call("projects.archive", projects.archive(project.id))).status, "archived");

const created = await call("adminAPIKeys.create", adminKeys.create({ name: "Child" }));
assert.match(created.value, /^ak_/);
assert.equal((await call("adminAPIKeys.retrieve", adminKeys.retrieve(created.id))).name, "Child");
assert.equal((await readAll("adminAPIKeys.list", adminKeys.list({ limit: 1 }))).length, 2);
assert.equal((await call("adminAPIKeys.delete", adminKeys.delete(created.id))).deleted, true);
assert.ok((await readAll("auditLogs.list", auditLogs.list({ limit: 10 }))).length > 10);
const since = Math.floor(Date.now() / 1000) - 7 * 24 * 60 * 60;
assert.equal((await call("usage.costs", usage.costs({ start_time: since, limit: 3 }))).data.length, 3);
assert.equal((await call("usage.completions", usage.completions({ start_time: since, limit: 3 }))).object, "page");

await assert.rejects(client.admin.organization.roles.list(), NotFoundError);
const leaked = new OpenAI({ adminAPIKey: process.env.API_KEY, apiKey: null, baseURL: client.baseURL });
await assert.rejects(leaked.admin.organization.projects.create({ name: "Mine" }), PermissionDeniedError);

// An answer is lost, and the client repeats the request by itself: nothing is made twice.
let sent = 0;
const unlucky = new OpenAI({
  adminAPIKey: process.env.ADMIN_KEY,
  apiKey: null,
  baseURL: client.baseURL,
  fetch: async (...request) => {
    const answer = await fetch(...request);
    sent += 1;
    if (sent === 1) throw new TypeError("fetch failed");
    return answer;
  },
});
await assert.rejects(unlucky.admin.organization.projects.create({ name: "Once" }), ConflictError);
assert.equal(sent, 2);
const names = [];
for await (const { name } of projects.list()) names.push(name);
assert.equal(names.filter((name) => name === "Once").length, 1);
console.log(JSON.stringify(called));
