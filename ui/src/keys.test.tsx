import { act, cleanup, fireEvent, render, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenForShortcuts, useShortcut, useShortcuts } from "./keys";

let stop: () => void;

beforeEach(() => {
  stop = listenForShortcuts();
});

afterEach(() => {
  stop();
  cleanup();
});

function Part({ run, keys = "g d" }: { run: () => void; keys?: string }) {
  useShortcut(keys, "Go to Dags", run);
  return <input aria-label="name" />;
}

const press = (key: string, target: Element = document.body, more = {}) => fireEvent.keyDown(target, { key, ...more });

it("answers to keys one after the other, and to nothing in between", () => {
  const run = vi.fn();
  render(<Part run={run} />);
  press("d");
  press("g");
  press("x");
  press("d");
  expect(run).not.toHaveBeenCalled();
  press("g");
  press("d");
  expect(run).toHaveBeenCalledOnce();
});

it("leaves typing, the browser's own keys and open dialogs alone", () => {
  const run = vi.fn();
  const { getByLabelText } = render(
    <>
      <Part run={run} keys="c" />
      <dialog />
    </>,
  );
  press("c", getByLabelText("name"));
  press("c", document.body, { ctrlKey: true });
  document.querySelector("dialog")?.setAttribute("open", "");
  press("c");
  expect(run).not.toHaveBeenCalled();
});

it("lists what is on the page, and no more", () => {
  const { result } = renderHook(useShortcuts);
  let part: ReturnType<typeof render> | undefined;
  act(() => {
    part = render(<Part run={() => undefined} />);
  });
  expect(result.current.map((each) => each.does)).toEqual(["Go to Dags"]);
  act(() => part?.unmount());
  expect(result.current).toEqual([]);
});
