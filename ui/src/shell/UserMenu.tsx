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
          {shortName(who.user)}
        </span>
      </summary>
      <div className="menu-box">
        <p className="muted small">
          {who.anonymous ? "No token: this server's own credentials act for you" : `Signed in as ${who.user}`}
          {who.proxied && ", by the proxy in front of this server: sign out there"}
        </p>
        <p className="muted small">
          Slipway {who.version}, with <a href="/licences.txt">these packages</a>
        </p>
        {!who.anonymous && !who.proxied && (
          <button type="button" onClick={() => void leave()}>
            Sign out
          </button>
        )}
      </div>
    </details>
  );
}

/** The last part of a service account's name, which begins with a long prefix and its namespace; others are as they are. */
function shortName(user: string): string {
  return user.startsWith("system:serviceaccount:") ? user.slice(user.lastIndexOf(":") + 1) : user;
}
