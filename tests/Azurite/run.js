// Azurite for a test run. It ends with whoever started it, however that came to its end: its standard input ends then.
process.stdin.on("end", () => process.exit()).resume();
require("azurite/dist/src/azurite.js");
