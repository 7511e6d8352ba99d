// @vitest-environment node
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, loadHistory } from "./api";

let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let origin: string;
let asked: string[];

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" });
  response.end(JSON.stringify(body));
}

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubGlobal("location", new URL(origin));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await new Promise((resolve) => server.close(resolve));
});

const load = () => loadHistory(7, Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2), new AbortController().signal);

describe("loadHistory", () => {
  it("follows the pages on its own origin and gives samples in order", async () => {
    answer = (request, response) => {
      const second = request.url?.includes("cursor=2") ?? false;
      json(response, 200, {
        results: second
          ? [{ ts: "2026-01-01T03:00:00Z", value: 3 }]
          : [
              { ts: "2026-01-01T02:00:00Z", value: 2 },
              { ts: "2026-01-01T01:00:00Z", value: null },
              { ts: "2026-01-01T00:00:00Z", value: 1 },
            ],
        next: second ? null : "http://inner-name:8000/api/datapoints/7/timeseries/?cursor=2",
      });
    };
    expect((await load()).map(({ value }) => value)).toEqual([1, 2, 3]);
    expect(asked).toEqual([
      "/api/datapoints/7/timeseries/?start=2026-01-01T00%3A00%3A00.000Z&end=2026-01-02T00%3A00%3A00.000Z&limit=5000",
      "/api/datapoints/7/timeseries/?cursor=2",
    ]);
  });

  it("stops after ten pages, however many there are", async () => {
    answer = (_request, response) => {
      json(response, 200, { results: [], next: "/api/datapoints/7/timeseries/?cursor=again" });
    };
    expect(await load()).toEqual([]);
    expect(asked).toHaveLength(10);
  });

  it("says what the problem document says", async () => {
    answer = (_request, response) => {
      json(response, 404, { title: "Not found", detail: "There is nothing here." });
    };
    await expect(load()).rejects.toEqual(new ApiError(404, "There is nothing here."));
  });

  it("refuses what is no time series", async () => {
    answer = (_request, response) => {
      json(response, 200, { results: "none" });
    };
    await expect(load()).rejects.toBeInstanceOf(ApiError);
  });
});
