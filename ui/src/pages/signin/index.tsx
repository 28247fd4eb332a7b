import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { api } from "../../api/client";
import { useAct, useRead } from "../../api/hooks";
import type { Who } from "../../api/schema";
import { Command } from "../../parts/Command";
import { Field } from "../../parts/Field";
import { ProblemNote } from "../../parts/Problem";
import { nextAddress } from "./next";
import { OtherWays } from "./OtherWays";
import "./signin.css";

const NEW_TOKEN = "kubectl -n NAMESPACE create token ACCOUNT --duration=8h";

/** Signing in with a Kubernetes token, or by a provider; the server keeps the token in a cookie that no script can read. */
export default function SignIn() {
  const [search] = useSearchParams();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const signIn = useAct<string, Who>({ call: (given) => api.POST("/api/v1/session", { body: { token: given } }), quiet: true });
  const options = useRead({ key: ["session", "options"], about: [], call: (signal) => api.GET("/api/v1/session/options", { signal }) });
  useEffect(() => {
    document.title = "Sign in · Slipway";
  }, []);

  async function send(event: FormEvent) {
    event.preventDefault();
    try {
      const who = await signIn.mutateAsync(token.trim());
      queries.clear();
      queries.setQueryData(["session"], who);
      void navigate(nextAddress(search.get("next")), { replace: true });
    } catch {
      // The form shows what went wrong: signIn.error.
    }
  }

  return (
    <main className="signin">
      <form className="card stack" onSubmit={(event) => void send(event)}>
        <div className="signin-brand">
          <img src="/slipway.svg" alt="" width="32" height="32" />
          <h1>Sign in to Slipway</h1>
        </div>
        {search.has("next") && !search.has("fault") && signIn.error === null && (
          <p className="muted">You are not signed in, or your token has expired. You get back to where you were.</p>
        )}
        <OtherWays options={options.data} fault={search.get("fault")} next={nextAddress(search.get("next"))} />
        <Field
          label="Kubernetes token"
          hint="Any token that the cluster's API server accepts: you can see and do here what it may."
          error={signIn.error?.about("/token")}
        >
          {(attributes) => (
            <textarea
              {...attributes}
              name="token"
              rows={4}
              required
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="off"
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        <ProblemNote error={signIn.error} />
        <button type="submit" className="primary" disabled={signIn.isPending || token.trim() === ""}>
          {signIn.isPending ? "Signing in…" : "Sign in"}
        </button>
        <div className="stack small">
          <p className="muted">No token at hand? This makes one for a service account:</p>
          <Command line={NEW_TOKEN} label="Make a token" />
        </div>
      </form>
    </main>
  );
}
