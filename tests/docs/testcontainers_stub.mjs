// In place of `testcontainers` where no Docker engine is: the container's own command, run on this machine.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const Wait = { forHttp: (path, port) => ({ path, port }) };

export class GenericContainer {
  constructor(image) {
    assert.match(image, /^python:3\.1\d-slim$/);
  }

  withCommand(command) {
    this.command = command;
    return this;
  }

  withExposedPorts(...ports) {
    this.ports = ports;
    return this;
  }

  withWaitStrategy(strategy) {
    this.strategy = strategy;
    return this;
  }

  withStartupTimeout(milliseconds) {
    assert.ok(milliseconds >= 60_000, "an installation takes its time");
    return this;
  }

  async start() {
    const [shell, flag, line] = this.command;
    const [install, serve] = line.split(" && ");
    assert.deepEqual([shell, flag, install], ["sh", "-c", "pip install -q understudy"]);
    assert.ok(serve.includes(`--host 0.0.0.0 --port ${this.ports[0]}`), serve);
    const here = serve.replace("0.0.0.0", "127.0.0.1").replace(`--port ${this.ports[0]}`, "--port 0");
    const program = spawn(shell, [flag, `exec ${here}`], { stdio: ["ignore", "pipe", "inherit"] });
    const [told] = await once(createInterface(program.stdout), "line");
    const url = new URL(JSON.parse(told).url);
    const ready = await fetch(new URL(this.strategy.path, url));
    assert.deepEqual([this.strategy.port, ready.status], [this.ports[0], 200]);
    return {
      getHost: () => url.hostname,
      getMappedPort: (port) => {
        assert.ok(this.ports.includes(port));
        return url.port;
      },
      stop: async () => {
        program.kill();
        await once(program, "exit");
      },
    };
  }
}
