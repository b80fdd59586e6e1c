/** What the fake program refuses with, in the person's language. */
import type { ErrorView } from "../bindings";

type Words = [message: string, remedy: string];

const WORDS: Record<string, { en: Words; fr: Words; retryable: boolean }> = {
  "server.unreachable": {
    en: ["Your organisation’s server does not answer.", "Check the network, then try again. Changes are kept and sent when it answers."],
    fr: ["Le serveur de votre organisation ne répond pas.", "Vérifiez le réseau, puis réessayez. Les changements sont gardés et envoyés quand il répond."],
    retryable: true,
  },
  "server.no_answer": {
    en: ["No server answers at this address.", "Check the address and the network, then try again. An organisation’s server may need its VPN."],
    fr: ["Aucun serveur ne répond à cette adresse.", "Vérifiez l’adresse et le réseau, puis réessayez. Le serveur d’une organisation peut exiger son VPN."],
    retryable: true,
  },
  "issuer.unreachable": {
    en: ["Your organisation’s sign-in service does not answer.", "Check the network, then try again."],
    fr: ["Le service de connexion de votre organisation ne répond pas.", "Vérifiez le réseau, puis réessayez."],
    retryable: true,
  },
  "server.not_courrier": {
    en: ["No Courrier server answers at this address.", "Check the address with your organisation."],
    fr: ["Aucun serveur Courrier ne répond à cette adresse.", "Vérifiez l’adresse auprès de votre organisation."],
    retryable: false,
  },
  "signin.browser": {
    en: ["No browser could be opened.", "Sign in with a code on another device."],
    fr: ["Aucun navigateur n’a pu être ouvert.", "Connectez-vous avec un code sur un autre appareil."],
    retryable: false,
  },
  "signin.denied": {
    en: ["The sign-in was refused in the browser.", "Try again, and allow Courrier there."],
    fr: ["La connexion a été refusée dans le navigateur.", "Réessayez, et autorisez-y Courrier."],
    retryable: true,
  },
  "signin.forged": {
    en: ["This answer does not belong to this sign-in.", "Open the browser again and sign in there."],
    fr: ["Cette réponse n’appartient pas à cette connexion.", "Rouvrez le navigateur et connectez-vous-y."],
    retryable: true,
  },
  "signin.cancelled": { en: ["Cancelled.", ""], fr: ["Annulé.", ""], retryable: true },
  "sync.failed": {
    en: ["The server refused a change.", "Try again in a few minutes. If it stays so, tell whoever runs the server."],
    fr: ["Le serveur a refusé une modification.", "Réessayez dans quelques minutes. Si cela continue, prévenez le responsable du serveur."],
    retryable: true,
  },
};

export function refusal(code: string, language: string): ErrorView {
  const words = WORDS[code];
  if (!words) throw new Error(`no words for ${code}`);
  const [message, remedy] = language === "fr" ? words.fr : words.en;
  return { code, message, remedy, retryable: words.retryable };
}
