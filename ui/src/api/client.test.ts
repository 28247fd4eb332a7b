import { afterEach, expect, it, vi } from "vitest";
import { api, data, onSignedOut } from "./client";
import { Problem } from "./problem";

afterEach(() => vi.unstubAllGlobals());

function answers(status: number, body: unknown, type = "application/json") {
  const asked = vi.fn(async (_: Request) => new Response(JSON.stringify(body), { status, headers: { "content-type": type } }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

it("sends the header that no other site's page can set, with changes alone", async () => {
  const asked = answers(200, { items: [] });
  await api.GET("/api/v1/dags");
  await api.POST("/api/v1/session", { body: { token: "t" } });
  expect(asked.mock.calls.map(([request]) => request.headers.get("x-slipway-request"))).toEqual([null, "ui"]);
  expect(asked.mock.calls.map(([request]) => request.credentials)).toEqual(["same-origin", "same-origin"]);
});

it("repeats a parameter for each of its values", async () => {
  const asked = answers(200, { items: [] });
  await api.GET("/api/v1/dags", { params: { query: { tag: ["a", "b c"] } } });
  expect(asked.mock.calls[0]?.[0].url).toContain("tag=a&tag=b%20c");
});

it("throws the server's problem, and leads to the sign-in when nobody is signed in", async () => {
  const signedOut = vi.fn();
  onSignedOut(signedOut);
  answers(401, { title: "Sign in first", status: 401, detail: "Who?", type: "x", requestId: "1" }, "application/problem+json");
  await expect(data(api.GET("/api/v1/dags"))).rejects.toThrow("Who?");
  expect(signedOut).toHaveBeenCalledOnce();
});

it("tells that the server does not answer", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  const failure = await data(api.GET("/api/v1/dags")).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Problem);
  expect((failure as Problem).status).toBe(0);
});

it("lets a question be withdrawn without calling it a problem", async () => {
  const stop = new AbortController();
  vi.stubGlobal("fetch", () => Promise.reject(new DOMException("withdrawn", "AbortError")));
  stop.abort();
  await expect(data(api.GET("/api/v1/dags", { signal: stop.signal }))).rejects.not.toBeInstanceOf(Problem);
});
