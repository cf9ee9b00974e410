// oidc-provider as Microsoft and as Google: strict, PKCE required, consent, refresh
// tokens that are replaced at each use.
import fs from "node:fs";
import https from "node:https";
import {Provider} from "oidc-provider";

const [, , directory, port, redirect] = process.argv;
const base = `https://localhost:${port}`;
const hour = 3600;
const me = {id: "1", displayName: "Pat", mail: "pat@acme.example"};

function provider(issuer, scopes, routes, alwaysRefreshes) {
    return new Provider(issuer, {
        clients: [
            {
                client_id: "app",
                client_secret: "secret-of-the-app",
                redirect_uris: [redirect],
                grant_types: ["authorization_code", "refresh_token"],
                response_types: ["code"],
                token_endpoint_auth_method: "client_secret_post",
            },
        ],
        scopes: ["openid", "offline_access", "profile", "email", ...scopes],
        claims: {openid: ["sub", "oid", "tid", "email"], profile: ["name"]},
        conformIdTokenClaims: false,
        features: {devInteractions: {enabled: true}, revocation: {enabled: true}},
        pkce: {required: () => true},
        cookies: {keys: ["key"]},
        findAccount: (context, id) => ({
            accountId: id,
            claims: () => ({
                sub: id,
                oid: "oid-1",
                tid: "tenant-1",
                email: id,
                name: "Pat",
            }),
        }),
        issueRefreshToken: (context, client, code) =>
            alwaysRefreshes || code.scopes.has("offline_access"),
        rotateRefreshToken: true,
        ttl: {
            AccessToken: hour,
            AuthorizationCode: 60,
            Grant: hour,
            IdToken: hour,
            Interaction: hour,
            RefreshToken: hour,
            Session: hour,
        },
        routes,
    }).callback();
}

const mounted = {
    "/common/v2.0": provider(`${base}/common/v2.0`, ["Mail.Send", "User.Read"], {
        authorization: "/oauth2/authorize",
        token: "/oauth2/token",
    }),
    "/google": provider(
        `${base}/google`,
        [
            "https://www.googleapis.com/auth/gmail.send",
            "https://www.googleapis.com/auth/userinfo.email",
        ],
        {authorization: "/auth", token: "/token", revocation: "/revoke"},
        true,
    ),
};

function serve(request, response) {
    if (request.url.startsWith("/v1.0/me")) {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({...me, userPrincipalName: me.mail}));
        return;
    }
    for (const [path, handle] of Object.entries(mounted)) {
        if (request.url.startsWith(path)) {
            request.originalUrl = request.url;
            request.url = request.url.slice(path.length) || "/";
            handle(request, response);
            return;
        }
    }
    response.statusCode = 404;
    response.end("{}");
}

const tls = {
    key: fs.readFileSync(`${directory}/key.pem`),
    cert: fs.readFileSync(`${directory}/cert.pem`),
};
https.createServer(tls, serve).listen(Number(port), "127.0.0.1");
