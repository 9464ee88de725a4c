// Entry of every page. Pages work without it; each module adds one comfort where its mark-up is present.
import { keepTime } from "./modules/session.js";
import { submitOnce } from "./modules/once.js";
import { saveDrafts } from "./modules/autosave.js";
import { readToTheEnd } from "./modules/consent.js";
import { showConditions } from "./modules/conditions.js";
import { focusErrors } from "./modules/errors.js";
import { selectAll } from "./modules/select.js";

for (const start of [keepTime, submitOnce, saveDrafts, readToTheEnd, showConditions, focusErrors, selectAll]) start(document);
