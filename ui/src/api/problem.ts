import type { Problem as ProblemBody } from "./schema";

/** A request that was not answered as asked: the server's problem+json, or ours where no server answered. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(readonly body: ProblemBody) {
    super(body.detail);
  }

  get status(): number {
    return this.body.status;
  }

  /** The message about one field of what was sent, by its JSON pointer. */
  about(pointer: string): string | undefined {
    return this.body.errors?.find((fault) => fault.pointer === pointer)?.message;
  }
}

/** The problem that an unsuccessful response tells of. */
export async function problemOf(response: Response): Promise<Problem> {
  const told = response.headers.get("content-type")?.startsWith("application/problem+json") ?? false;
  if (told) {
    try {
      return new Problem((await response.json()) as ProblemBody);
    } catch {
      // The body broke off; what is known without it follows.
    }
  }
  return new Problem({
    type: "urn:slipway:problem:unknown",
    title: "It did not work",
    status: response.status,
    detail: `The server, or a proxy before it, answered ${response.status} ${response.statusText}`.trim(),
    requestId: response.headers.get("x-request-id") ?? "",
    wayOn: "Try again; if it stays so, look at the log of the web server",
  });
}

/** The problem of a request that nobody answered. */
export function unreachable(): Problem {
  return new Problem({
    type: "urn:slipway:problem:unreachable",
    title: "The server does not answer",
    status: 0,
    detail: "Slipway's web server does not answer",
    requestId: "",
    wayOn: "Check the network and any port-forward; this page tries again by itself",
  });
}

/** Whatever was thrown, as a problem; an error of our own keeps its message. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  return new Problem({
    type: "urn:slipway:problem:page",
    title: "An error of this page",
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    requestId: "",
    wayOn: "Load the page again",
  });
}
