import { useHealth } from "../api/hooks";
import type { Health } from "../api/schema";
import { Time } from "../parts/Time";

/** Which part is down, since when, and what still works; nothing while all is well. */
export function HealthBanner() {
  const health = useHealth();
  const isUnreachable = health.error !== null && health.error.status !== 401;
  if (isUnreachable) {
    return (
      <Banner>
        {health.error?.status === 0 ? "Slipway's web server does not answer." : health.error?.message} What you see is the last
        that was known; tasks run all the same.
      </Banner>
    );
  }
  if (health.data === undefined) {
    return null;
  }
  return <PartDown health={health.data} />;
}

function PartDown({ health: { metastore, controller } }: { health: Health }) {
  if (!metastore.answers) {
    return <Banner>The database does not answer. What you see is the last that was known; tasks are scheduled all the same.</Banner>;
  }
  if (!controller.alive) {
    return (
      <Banner>
        {controller.beatAt ? (
          <>
            The controller has been silent since <Time at={controller.beatAt} /> (<Time at={controller.beatAt} ago />).
          </>
        ) : (
          "The controller has not written here yet."
        )}{" "}
        Running Pods go on; nothing new is started, and what is shown here stands still.
      </Banner>
    );
  }
  if (!controller.ready) {
    return <Banner>The controller is starting: what is shown here may be behind.</Banner>;
  }
  return null;
}

function Banner({ children }: { children: React.ReactNode }) {
  return (
    <div className="banner" role="status">
      {children}
    </div>
  );
}
