import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { SignInOptions } from "../../api/schema";
import { OtherWays } from "./OtherWays";

const options: SignInOptions = {
  oidc: { name: "idp.example", start: "/api/v1/session/oidc", faults: { refused: "idp.example did not sign you in" } },
  proxy: false,
  anonymous: false,
};

afterEach(cleanup);

it("leads to the provider, and back to where the reader was", () => {
  render(<OtherWays options={options} fault={null} next="/runs?state=Failed" />);
  const link = screen.getByRole("link", { name: "Sign in with idp.example" });
  expect(link.getAttribute("href")).toBe("/api/v1/session/oidc?next=%2Fruns%3Fstate%3DFailed");
  expect(screen.queryByRole("alert")).toBeNull();
});

it("says what went wrong in a sentence of the server's", () => {
  render(<OtherWays options={options} fault="refused" next="/" />);
  expect(screen.getByRole("alert").textContent).toBe("idp.example did not sign you in.");
});

it.each(["constructor", "Call 555-0100 for support", ""])("never shows a link's text: %s", (fault) => {
  render(<OtherWays options={options} fault={fault} next="/" />);
  expect(screen.queryByRole("alert")).toBeNull();
  expect(document.body.textContent).not.toContain("555");
});

it("offers nothing that is not there", () => {
  render(<OtherWays options={{ oidc: null, proxy: false, anonymous: false }} fault="refused" next="/" />);
  expect(screen.queryByRole("link")).toBeNull();
});
