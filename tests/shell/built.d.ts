/** The wasm modules stand beside the shell only in a built site. */
declare module "*/page/page.js";
