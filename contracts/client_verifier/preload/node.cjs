// Lets timers, and the clocks that go with them, of one Node process run faster: `verify-client --fast-sleep`.
// UNDERSTUDY_FAST_SLEEP: as in python/sitecustomize.py. Timers take a FACTORth; Date and performance.now run
// FACTOR times as fast; AbortSignal.timeout (of fetch) follows. Left alone: timeouts of sockets, process.hrtime.
"use strict";
const told = process.env.UNDERSTUDY_FAST_SLEEP;
if (told && !globalThis.__understudy) {
  Object.defineProperty(globalThis, "__understudy", { value: true });
  const [factor, wall, began] = told.split(" ", 3);
  const speed = Number(factor);
  const wallMs = Number(BigInt(wall) / 1000n) / 1000;
  const beganNs = BigInt(began);
  const real = process.hrtime.bigint;
  const now = () => Math.floor(wallMs + (Number(real() - beganNs) / 1e6) * speed);

  const Real = Date;
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, type) => Reflect.construct(target, args.length ? args : [now()], type),
    apply: () => new Real(now()).toString(),
    get: (target, name, self) => (name === "now" ? now : Reflect.get(target, name, self)),
  });
  Real.prototype.constructor = globalThis.Date;
  const ticks = performance.now.bind(performance);
  performance.now = () => ticks() * speed;

  // Without a time they take 1 ms; NaN in its place would make newer ones complain on the client's stderr.
  const shorter = (ms) => (ms === undefined ? ms : ms / speed);
  // Before timers are replaced: what is loaded late would take those, and be shortened twice.
  const aborting = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => aborting(Math.ceil(shorter(ms)));
  const timers = require("timers");
  const later = require("timers/promises");
  for (const name of ["setTimeout", "setInterval"]) {
    const original = timers[name];
    const fast = (call, ms, ...rest) => original(call, shorter(ms), ...rest);
    // util.promisify(setTimeout) goes by this.
    for (const key of Object.getOwnPropertySymbols(original)) {
      Object.defineProperty(fast, key, { get: () => later[name], enumerable: true });
    }
    timers[name] = globalThis[name] = fast;
    const promise = later[name];
    later[name] = (ms, ...rest) => promise(shorter(ms), ...rest);
  }
  const wait = later.scheduler.wait.bind(later.scheduler);
  later.scheduler.wait = (ms, ...rest) => wait(shorter(ms), ...rest);
  // import { setTimeout } from "node:timers/promises" sees the same.
  require("module").syncBuiltinESMExports();
  try {
    require("fs").closeSync(require("fs").openSync(told.split(" ").slice(3).join(" "), "a"));
  } catch {}
}
