// Spotlight listens on all interfaces and has no option for it, so this forces every server onto loopback.
const net = require("net");
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (first && typeof first === "object" && "port" in first) {
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  }
  if (typeof first === "number") {
    const then = rest.filter((given) => typeof given === "function");
    return listen.call(this, { port: first, host: "127.0.0.1" }, ...then);
  }
  return listen.call(this, first, ...rest);
};
