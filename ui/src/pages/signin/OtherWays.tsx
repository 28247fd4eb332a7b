import type { SignInOptions } from "../../api/schema";

const LONGEST_NEXT = 2000;

type OtherWaysProps = { options: SignInOptions | undefined; fault: string | null; next: string };

/** The ways to sign in but for pasting a token, and what went wrong with the last try: by a word of ours, never by a link's text. */
export function OtherWays({ options, fault, next }: OtherWaysProps) {
  const oidc = options?.oidc;
  const sentence = oidc && fault !== null && Object.hasOwn(oidc.faults, fault) ? oidc.faults[fault] : undefined;
  const back = new URLSearchParams({ next: next.length > LONGEST_NEXT ? "/" : next });
  return (
    <>
      {sentence !== undefined && (
        <p className="problem" role="alert">
          {sentence}.
        </p>
      )}
      {options?.proxy && <p className="muted">A proxy usually signs you in: open Slipway by the address that you were given.</p>}
      {oidc && (
        <>
          <a className="button primary signin-provider" href={`${oidc.start}?${back}`}>
            Sign in with {oidc.name}
          </a>
          <p className="muted small">Or with a token:</p>
        </>
      )}
    </>
  );
}
