/** The one script of every page: small behaviours of the shell, and the islands that a page asks for. */
import "./styles/app.css";
import { mountIslands } from "./islands/loader";
import { enableConditionalFields } from "./shell/conditional";
import { enableCopyButtons } from "./shell/copy";
import { enableDialogs } from "./shell/dialogs";
import { enableFragmentToken } from "./shell/fragment";
import { enableInvitation, fillTimeZone } from "./shell/invitation";
import { enableMenus } from "./shell/menus";
import { enableRefresh } from "./shell/refresh";
import { enableThemeChoice } from "./shell/theme";
import { enableToasts } from "./shell/toasts";
import { enableKeys } from "./tasks/keys";
import { enableTickAll } from "./tasks/ticks";

enableThemeChoice(document);
enableMenus(document);
enableDialogs(document);
enableCopyButtons(document);
enableConditionalFields(document);
enableInvitation(document);
enableFragmentToken(document);
fillTimeZone(document);
enableToasts(document);
enableRefresh(document);
enableTickAll(document);
enableKeys(document);
mountIslands(document);
