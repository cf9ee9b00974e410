// emulate listens on every interface and has no option for it: keep it to this machine.
const {Server} = require("node:net");
const listen = Server.prototype.listen;
Server.prototype.listen = function (...args) {
    const [port, ...rest] = args;
    const callback = rest.find((one) => typeof one === "function");
    if (typeof port === "object") {
        return listen.call(this, {...port, host: "127.0.0.1"}, callback);
    }
    return listen.call(this, {port, host: "127.0.0.1"}, callback);
};
