// oauth2-mock-server as Microsoft and as Google: the refresh token that it is given says
// what it does.
import {OAuth2Server} from "oauth2-mock-server";

const [, , directory, port] = process.argv;
const refuse = (status, error) => (answer) => {
    answer.statusCode = status;
    answer.body = {error, error_description: "as it was told"};
};
const without = (name) => (answer) => delete answer.body[name];
const change = (values) => (answer) => Object.assign(answer.body, values);
const instead = (body) => (answer) => {
    answer.body = body;
};
const misdeeds = {
    "busy": refuse(503, "temporarily_unavailable"),
    "broken": refuse(500, "server_error"),
    "too fast": refuse(429, "slow_down"),
    "spent": refuse(400, "invalid_grant"),
    "wrong app": refuse(401, "invalid_client"),
    "no refresh token": without("refresh_token"),
    "no id token": without("id_token"),
    "no life time": without("expires_in"),
    "no access token": without("access_token"),
    "a life time in words": change({expires_in: "soon"}),
    "a life time of ages": change({expires_in: 1e300}),
    "a life time before": change({expires_in: -3600}),
    "a token of numbers": change({access_token: 7}),
    "a token of nothing": change({access_token: null}),
    "a refresh token of nothing": change({refresh_token: null}),
    "an id token of nothing": change({id_token: "a.b"}),
    "a list": instead([1, 2]),
    "null": instead(null),
    "text": instead("access_token=1"),
    "an error with 200": instead({error: {code: 1}}),
};

const server = new OAuth2Server(`${directory}/key.pem`, `${directory}/cert.pem`, {
    endpoints: {wellKnownDocument: "/common/v2.0/.well-known/openid-configuration"},
});
await server.issuer.keys.generate("RS256");
server.service.on("beforeTokenSigning", (token, request) => {
    if (request.body.refresh_token === "an old clock") {
        token.payload.iat -= 86400;
        token.payload.exp -= 86400;
    }
});
server.service.on("beforeResponse", (answer, request) => {
    const misdeed = misdeeds[request.body.refresh_token];
    if (misdeed) misdeed(answer);
});
server.issuer.url = `https://localhost:${port}`;
await server.start(Number(port), "127.0.0.1");
