/** All pages by address. Each is its own chunk: `pages/<folder>/index.tsx` with the page as its default. */
import { QueryClientProvider, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState, type ComponentType, type ReactNode } from "react";
import { BrowserRouter, Route, Routes, useLocation, useNavigate } from "react-router";
import { onSignedOut } from "./api/client";
import { LiveContext, makeQueries } from "./api/hooks";
import { Live } from "./api/live";
import { Loading } from "./parts/Loading";
import { ToastProvider } from "./parts/Toast";
import { Shell } from "./shell/Shell";
import { ZoneProvider } from "./zone";

type Page = { default: ComponentType };
const made = import.meta.glob<Page>("./pages/*/index.tsx");

/** Address -> folder of its page. */
export const ADDRESSES: readonly (readonly [string, string])[] = [
  ["/", "home"],
  ["/dags", "dags"],
  ["/dags/:ns/:dag", "dag"],
  ["/dags/:ns/:dag/trigger", "trigger"],
  ["/dags/:ns/:dag/:view", "dag"],
  ["/runs", "runs"],
  ["/runs/:ns/:run", "run"],
  ["/runs/:ns/:run/:view", "run"],
  ["/runs/:ns/:run/tasks/:task", "task"],
  ["/pools", "pools"],
  ["/backfills", "backfills"],
  ["/backfills/:ns/:name", "backfill"],
  ["/approvals", "approvals"],
  ["/assets", "assets"],
  ["/audit", "audit"],
];

const pages = new Map(
  Object.entries(made).map(([path, load]) => [path.split("/")[2] ?? "", lazy(load as () => Promise<Page>)]),
);

export function App() {
  const [queries] = useState(makeQueries);
  return (
    <QueryClientProvider client={queries}>
      <ZoneProvider>
        <ToastProvider>
          <BrowserRouter>
            <SignedOut />
            <Routes>
              <Route path="/signin" element={<Shown folder="signin" />} />
              <Route element={<LiveShell />}>
                {ADDRESSES.map(([address, folder]) => (
                  <Route key={address} path={address} element={<Shown folder={folder} />} />
                ))}
                <Route path="*" element={<Shown folder="notfound" />} />
              </Route>
            </Routes>
          </BrowserRouter>
        </ToastProvider>
      </ZoneProvider>
    </QueryClientProvider>
  );
}

/** The frame, and the stream that keeps what is in it fresh. */
function LiveShell() {
  const queries = useQueryClient();
  const live = useMemo(() => new Live(queries), [queries]);
  useEffect(() => live.start(), [live]);
  return (
    <LiveContext value={live}>
      <Shell />
    </LiveContext>
  );
}

function Shown({ folder }: { folder: string }): ReactNode {
  const Found = pages.get(folder) ?? pages.get("notfound");
  return <Suspense fallback={<Loading />}>{Found && <Found />}</Suspense>;
}

/** A session that has ended leads to /signin, and from there back. */
function SignedOut() {
  const navigate = useNavigate();
  const { pathname, search, hash } = useLocation();
  useEffect(
    () =>
      onSignedOut(() => {
        if (pathname !== "/signin") {
          void navigate(`/signin?next=${encodeURIComponent(pathname + search + hash)}`, { replace: true });
        }
      }),
    [navigate, pathname, search, hash],
  );
  return null;
}
