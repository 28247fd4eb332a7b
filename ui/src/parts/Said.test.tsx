import { cleanup, render } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { Said } from "./Said";

afterEach(cleanup);

function shown(text: string): HTMLElement {
  return render(<Said text={text} />).container.querySelector("bdi") as HTMLElement;
}

describe("what a person wrote", () => {
  it("is isolated from what stands beside it, and else as it was written", () => {
    for (const text of ["plain", "مرحبا שלום", "two\n\tlines", "👩‍👩‍👧‍👦", "e\u0301", "می\u200cخواهم"]) {
      expect(shown(text).innerHTML).toBe(text);
      cleanup();
    }
  });

  it("can't turn letters around: the characters that would are shown by their numbers", () => {
    const box = shown("invoice\u202Efdp.exe");
    expect(box.textContent).toBe("invoice202Efdp.exe");
    expect(box.querySelector(".said-hidden")?.getAttribute("title")).toBe("U+202E RIGHT-TO-LEFT OVERRIDE");
    expect(/[\u202a-\u202e\u2066-\u2069]/u.test(box.innerHTML)).toBe(false);
  });

  it("hides nothing: control characters are told one by one", () => {
    const box = shown("a\u001B[31m\u0000\u200bb");
    expect([...box.querySelectorAll(".said-hidden")].map((each) => each.textContent)).toEqual(["1B", "00 200B"]);
    expect(box.querySelectorAll(".said-hidden")[1]?.getAttribute("title")).toBe("U+0000 NUL, U+200B ZERO WIDTH SPACE");
  });
});
