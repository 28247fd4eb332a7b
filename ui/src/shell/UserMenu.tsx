import { useRef } from "react";
import { api } from "../api/client";
import { useAct, useWho } from "../api/hooks";
import { useClosing } from "../parts/Filters";

/** Who is signed in, and the way out. */
export function UserMenu() {
  const { data: who } = useWho();
  const box = useRef<HTMLDetailsElement>(null);
  useClosing(box);
  const signOut = useAct({ call: () => api.DELETE("/api/v1/session") });

  async function leave() {
    await signOut.mutateAsync(undefined);
    // A new page, so that nothing that was seen stays in memory.
    location.assign("/signin");
  }

  if (who === undefined) {
    return null;
  }
  return (
    <details className="menu menu-right" ref={box}>
      <summary className="button user">
        <span className="cut" title={who.user}>
          {who.user}
        </span>
      </summary>
      <div className="menu-box">
        <p className="muted small">
          {who.anonymous ? "No token: this server's own credentials act for you" : `Signed in as ${who.user}`}
        </p>
        <p className="muted small">
          Slipway {who.version}, with <a href="/licences.txt">these packages</a>
        </p>
        {!who.anonymous && (
          <button type="button" onClick={() => void leave()}>
            Sign out
          </button>
        )}
      </div>
    </details>
  );
}
