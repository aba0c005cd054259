// Azurite for a test run. It ends with whoever started it, however that came to its end: its standard input ends then.
process.stdin.on("end", () => process.exit()).resume();

// In a folder Azurite writes what it was given every 5 s, and answers before: killed, it would lose what Azure never does. So
// here an answer waits until all that it may tell of is in the folder; what is answered at the same time shares a writing.
const http = require("http"), Loki = require("lokijs");
const databases = new Set(), waiting = [];
let writing = false;

// A database in a folder would begin to write itself every so often here, when it is made.
Loki.prototype.autosaveEnable = function () {
  databases.add(this);
};

async function write() {
  while (!writing && waiting.length > 0) {
    writing = true;
    const answers = waiting.splice(0);
    await Promise.all([...databases].filter(database => database.autosaveDirty()).map(database =>
      new Promise((resolve, reject) => database.saveDatabaseInternal(error => error ? reject(error) : resolve()))));
    writing = false;
    answers.forEach(answer => answer());
  }
}

const answer = http.ServerResponse.prototype;
const [some, last] = [answer.write, answer.end];
answer.write = function (chunk, encoding, done) {
  if (databases.size === 0) {
    return some.call(this, chunk, encoding, done);
  }
  (this.held ??= []).push([chunk, encoding, done]);
  return true;
};
answer.end = function (...rest) {
  if (databases.size === 0) {
    return last.apply(this, rest);
  }
  waiting.push(() => {
    (this.held?.splice(0) ?? []).forEach(part => some.apply(this, part));
    last.apply(this, rest);
  });
  write().catch(error => {
    console.error(error);
    process.exit(1);
  });
  return this;
};

require("azurite/dist/src/azurite.js");
