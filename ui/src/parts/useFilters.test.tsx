import { act, renderHook } from "@testing-library/react";
import { MemoryRouter, useLocation } from "react-router";
import { expect, it } from "vitest";
import { readFilters, useFilters, writeFilters } from "./useFilters";

const SHAPE = { name: "text", state: "many", paused: "flag" } as const;

it("reads each kind, and takes no notice of what is not a value", () => {
  const search = new URLSearchParams("name=etl&state=Failed&state=&state=Queued&paused=false&other=1");
  expect(readFilters(SHAPE, search)).toEqual({ name: "etl", state: ["Failed", "Queued"], paused: false });
  expect(readFilters(SHAPE, new URLSearchParams("paused=perhaps"))).toEqual({ name: undefined, state: [], paused: undefined });
});

it("writes what was read, and leaves the rest of the address alone", () => {
  const before = new URLSearchParams("namespace=team&name=etl&state=Failed");
  expect(writeFilters(before, { name: "", state: ["Queued", "Running"], paused: false }).toString()).toBe(
    "namespace=team&state=Queued&state=Running&paused=false",
  );
});

it("keeps any text whole", () => {
  const odd = "a&b=c#d é \u{1F680} <script>";
  const written = writeFilters(new URLSearchParams(), { name: odd });
  expect(readFilters(SHAPE, new URLSearchParams(written.toString())).name).toBe(odd);
});

it("clears the filters but not the namespace", () => {
  const { result } = renderHook(() => ({ filters: useFilters(SHAPE), at: useLocation() }), {
    wrapper: ({ children }) => <MemoryRouter initialEntries={["/dags?namespace=team&state=Failed"]}>{children}</MemoryRouter>,
  });
  expect(result.current.filters.isActive).toBe(true);
  act(() => result.current.filters.clear());
  expect(result.current.at.search).toBe("?namespace=team");
  expect(result.current.filters.isActive).toBe(false);
});
