import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import type { Health } from "../api/schema";
import { HealthBanner } from "./HealthBanner";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const WELL: Health = {
  metastore: { answers: true, change: 7 },
  controller: {
    alive: true,
    ready: true,
    beatAt: "2026-01-01T06:00:00Z",
    silentSeconds: 1,
    pending: 0,
    lagSeconds: 0,
    version: "1",
  },
  version: "1",
};

async function banner(health: Partial<Health> | number): Promise<string> {
  const body = typeof health === "number" ? { title: "x", detail: "The web server is ill", status: health } : { ...WELL, ...health };
  const type = typeof health === "number" ? "application/problem+json" : "application/json";
  const status = typeof health === "number" ? health : 200;
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status, headers: { "content-type": type } }));
  const queries = new QueryClient();
  const { container } = render(
    <QueryClientProvider client={queries}>
      <HealthBanner />
    </QueryClientProvider>,
  );
  await vi.waitFor(() => expect(queries.getQueryState(["health"])?.fetchStatus).toBe("idle"));
  await Promise.resolve();
  return container.textContent ?? "";
}

it("is silent while all is well, and while nobody is signed in", async () => {
  expect(await banner({})).toBe("");
  cleanup();
  expect(await banner(401)).toBe("");
});

it("says that the database is away, and what goes on", async () => {
  await banner({ metastore: { answers: false, change: null } });
  expect(screen.getByRole("status").textContent).toMatch(/database does not answer.*last that was known/);
});

it("says since when the controller is silent", async () => {
  await banner({ controller: { ...WELL.controller, alive: false, ready: false } });
  expect(screen.getByRole("status").textContent).toContain("2026-01-01 06:00:00");
});

it("says when the web server itself fails", async () => {
  await banner(500);
  expect(screen.getByRole("status").textContent).toContain("The web server is ill");
});
