import { Link, useLocation } from "react-router";
import { Page } from "../../parts/Page";

/** There is no such page; ways on. */
export default function NotFound() {
  const { pathname } = useLocation();
  return (
    <Page title="There is no such page">
      <div className="empty">
        <p>
          Nothing is at <code className="cut">{pathname}</code>. It may be a mistyped address, or a link of another version.
        </p>
        <p>
          Go on with the <Link to="/dags">list of Dags</Link>, the <Link to="/runs">list of runs</Link>, or{" "}
          <Link to="/">home</Link>.
        </p>
      </div>
    </Page>
  );
}
