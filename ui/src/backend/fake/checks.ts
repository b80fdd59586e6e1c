/** What checks find in the fake program: made of stages like real ones, with times that never change. */
import type {
  CertificateView,
  CheckView,
  EndpointView,
  ProblemView,
  SideView,
  StepDetailView,
  StepView,
} from "../bindings";

/** How one side ends. `hangs` never ends by itself: only cancelling does. */
export type Outcome = "ok" | "password" | "certificate" | "offline" | "missing" | "hangs" | "expires" | "app" | "token";

export type Side = "imap" | "smtp";

const TIMES: Record<string, number> = {
  resolve: 2,
  connect: 21,
  secure: 24,
  greet: 22,
  capabilities: 0,
  authenticate: 31,
  inbox: 18,
  sender: 22,
};

/** The stages a side would pass, in its order. */
export function stagesOf(side: Side, endpoint: EndpointView): string[] {
  const last = side === "imap" ? "inbox" : "sender";
  const signIn = endpoint.auth === "none" ? [] : ["authenticate"];
  if (endpoint.security === "starttls") return ["resolve", "connect", "greet", "capabilities", "secure", ...signIn, last];
  if (endpoint.security === "none") return ["resolve", "connect", "greet", "capabilities", ...signIn, last];
  return ["resolve", "connect", "secure", "greet", "capabilities", ...signIn, last];
}

function certificate(host: string, outcome: Outcome): CertificateView {
  const self = outcome === "certificate";
  return {
    subject: `CN=${host}`,
    issuer: self ? `CN=${host}` : "CN=R11, O=Let's Encrypt, C=US",
    not_before: "2026-09-02T06:14:09Z",
    not_after: "2026-12-01T06:14:08Z",
    names: [host, `mail${host.slice(host.indexOf("."))}`],
    sha256: "9f2c1d4be07a5538c2f6a1b0d94e7f3381aa60c5e2b94d17f08c3b6a25d71e44",
    faults: self ? ["tls.certificate_self_signed"] : [],
  };
}

function detail(stage: string, side: Side, endpoint: EndpointView, outcome: Outcome): StepDetailView {
  switch (stage) {
    case "resolve":
      return outcome === "offline" ? {} : { addresses: ["203.0.113.25", "2001:db8::25"] };
    case "connect":
      return { address: "203.0.113.25" };
    case "secure":
      return {
        protocol: "TLSv1.3",
        cipher_suite: "TLS13_AES_256_GCM_SHA384",
        certificate: certificate(endpoint.host, outcome),
      };
    case "greet":
      return { server: side === "imap" ? "Dovecot ready." : `${endpoint.host} ESMTP Postfix` };
    case "capabilities":
      return {
        capabilities:
          side === "imap"
            ? ["IMAP4rev1", "SASL-IR", "LITERAL+", "IDLE", "AUTH=PLAIN", "AUTH=LOGIN"]
            : ["PIPELINING", "SIZE 10240000", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN"],
      };
    case "authenticate":
      return { mechanism: "PLAIN" };
    case "inbox":
      return { messages: 1284 };
    default:
      return {};
  }
}

/** A problem in the language of the person. */
function problemOf(outcome: Outcome, side: Side, language: string): ProblemView | null {
  const french = language === "fr";
  const said = (code: string, stage: string, en: [string, string], fr: [string, string], server: string | null, url: string | null = null): ProblemView => ({
    code,
    stage,
    summary: french ? fr[0] : en[0],
    remedy: { text: french ? fr[1] : en[1], url },
    server_said: server,
  });
  switch (outcome) {
    case "password":
      return said(
        "auth.rejected",
        "authenticate",
        ["The server does not accept this user name and password.", "Type the password again. If it was changed elsewhere, use the new one."],
        ["Le serveur n’accepte pas ce nom d’utilisateur et ce mot de passe.", "Saisissez de nouveau le mot de passe. S’il a été changé ailleurs, utilisez le nouveau."],
        side === "imap" ? "[AUTHENTICATIONFAILED] Invalid credentials" : "535 5.7.8 Error: authentication failed",
      );
    case "app":
      return said(
        "auth.app_password_required",
        "authenticate",
        ["This provider wants an app password.", "Make an app password on the provider’s page and use it here instead of your own password."],
        ["Ce fournisseur demande un mot de passe d’application.", "Créez un mot de passe d’application sur la page du fournisseur et utilisez-le ici à la place du vôtre."],
        "[ALERT] Application-specific password required",
        "https://provider.example/app-passwords",
      );
    case "token":
      return said(
        "auth.token_expired",
        "authenticate",
        ["The provider’s access to this mailbox has ended.", "Sign in again in the browser."],
        ["L’accès du fournisseur à cette boîte a pris fin.", "Reconnectez-vous dans le navigateur."],
        null,
      );
    case "certificate":
      return said(
        "tls.certificate_self_signed",
        "secure",
        ["The server’s certificate is signed by itself, and this computer does not trust it.", "Ask whoever runs the server for a certificate that computers trust, or check the host name."],
        ["Le certificat du serveur est signé par lui-même, et cet ordinateur ne lui fait pas confiance.", "Demandez à qui gère le serveur un certificat reconnu, ou vérifiez le nom d’hôte."],
        null,
      );
    case "offline":
      return said(
        "net.offline",
        "resolve",
        ["This computer is not connected to a network.", "Connect to a network, then check again. What is stored stays available."],
        ["Cet ordinateur n’est connecté à aucun réseau.", "Connectez-vous à un réseau, puis vérifiez de nouveau. Ce qui est enregistré reste disponible."],
        null,
      );
    case "missing":
      return said(
        "secret.missing",
        "authenticate",
        ["No password is stored for this account on this computer.", "Type the password once; it is kept in the keyring."],
        ["Aucun mot de passe n’est enregistré pour ce compte sur cet ordinateur.", "Saisissez-le une fois ; il est conservé dans le trousseau."],
        null,
      );
    default:
      return null;
  }
}

/** The stages that a side reaches with this outcome. */
export function stepsOf(side: Side, endpoint: EndpointView, outcome: Outcome, language: string): StepView[] {
  const problem = problemOf(outcome, side, language);
  const all = stagesOf(side, endpoint);
  const until = problem ? all.indexOf(problem.stage) : all.length - 1;
  const reached = outcome === "missing" ? all.slice(0, until) : all.slice(0, until + 1);
  return reached.map((stage) => ({
    stage,
    ok: stage !== problem?.stage,
    elapsed_ms: TIMES[stage] ?? 1,
    detail: detail(stage, side, endpoint, outcome),
  }));
}

export function sideView(side: Side, endpoint: EndpointView, outcome: Outcome, language: string): SideView {
  const steps = stepsOf(side, endpoint, outcome, language);
  const problem = problemOf(outcome, side, language);
  const french = language === "fr";
  return {
    host: endpoint.host,
    port: endpoint.port,
    security: endpoint.security,
    username: endpoint.username,
    ok: problem === null,
    elapsed_ms: steps.reduce((sum, step) => sum + step.elapsed_ms, 0),
    steps,
    problem,
    warnings:
      outcome === "expires"
        ? [
            {
              code: "tls.certificate_expires_soon",
              summary: french ? "Le certificat du serveur expire dans 6 jours." : "The server’s certificate ends in 6 days.",
              remedy: {
                text: french ? "Prévenez qui gère le serveur." : "Tell whoever runs the server.",
                url: null,
              },
            },
          ]
        : [],
  };
}

export function checkView(address: string, imap: SideView, smtp: SideView): CheckView {
  return { address, ok: imap.ok && smtp.ok, elapsed_ms: Math.max(imap.elapsed_ms, smtp.elapsed_ms), imap, smtp };
}
