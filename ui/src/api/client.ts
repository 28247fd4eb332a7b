import createClient, { type Middleware } from "openapi-fetch";
import { Problem, problemOf, unreachable } from "./problem";
import type { paths } from "./schema";

/** What is done when nobody is signed in any more; app.tsx sets it to the way to /signin. */
let signInFirst: () => void = () => undefined;

export function onSignedOut(handler: () => void): void {
  signInFirst = handler;
}

const habits: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") {
      request.headers.set("X-Slipway-Request", "ui");
    }
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) {
      return response;
    }
    const problem = await problemOf(response);
    if (problem.status === 401) {
      signInFirst();
    }
    throw problem;
  },
  onError({ error }) {
    const stopped = error instanceof DOMException && error.name === "AbortError";
    return stopped || error instanceof Problem ? error : unreachable();
  },
};

/** The typed API: the session is the browser's cookie, every failure is a thrown Problem. */
export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  credentials: "same-origin",
  querySerializer: { array: { style: "form", explode: true } },
  // Asked for at each call, so that a test can stand in for it.
  fetch: (request) => globalThis.fetch(request),
});
api.use(habits);

/** The data of an answer; failures were thrown before. */
export async function data<T>(answer: Promise<{ data?: T | undefined }>): Promise<T> {
  return (await answer).data as T;
}

export { Problem };
