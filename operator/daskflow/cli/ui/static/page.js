// What every page has. Nothing here makes HTML from text: elements come from the server, where all is escaped.
import "./ages.js";
import "./dialogs.js";
import "./keys.js";
import "./live.js";
