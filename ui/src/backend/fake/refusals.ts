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
  "oauth.other_address": {
    en: ["The browser signed in claire.martin@gmail.com, but this account is {address}.", "Sign in as the account’s own address, or use it anyway for a shared mailbox."],
    fr: ["Le navigateur a connecté claire.martin@gmail.com, mais ce compte est {address}.", "Connectez-vous avec l’adresse du compte, ou utilisez-la quand même pour une boîte partagée."],
    retryable: true,
  },
  "oauth.denied": {
    en: ["The access was refused in the browser.", "Try again, and allow Courrier to read and send mail."],
    fr: ["L’accès a été refusé dans le navigateur.", "Réessayez, et autorisez Courrier à lire et à envoyer du courrier."],
    retryable: true,
  },
  "oauth.scope_missing": {
    en: ["Google did not let Courrier read and send mail.", "Try again, and leave every box ticked on the page."],
    fr: ["Google n’autorise pas Courrier à lire et à envoyer du courrier.", "Réessayez, et laissez toutes les cases cochées sur la page."],
    retryable: true,
  },
  "oauth.admin_consent": {
    en: ["Your organisation has to approve Courrier before you can use this mailbox.", "Send your administrator the text; try again once Courrier is approved."],
    fr: ["Votre organisation doit autoriser Courrier avant que vous puissiez utiliser cette boîte.", "Envoyez le texte à votre administrateur ; réessayez une fois Courrier autorisé."],
    retryable: false,
  },
  "oauth.client_missing": {
    en: ["This Courrier has no client ID for Microsoft.", "Use one of your own, or ask your organisation."],
    fr: ["Ce Courrier n’a pas d’identifiant client pour Microsoft.", "Utilisez le vôtre, ou demandez à votre organisation."],
    retryable: false,
  },
  "oauth.provider_unknown": {
    en: ["Nobody knows where this mailbox signs people in.", "Type the address of the sign-in service."],
    fr: ["Personne ne sait où cette boîte connecte les gens.", "Saisissez l’adresse du service de connexion."],
    retryable: false,
  },
  "oauth.misconfigured": {
    en: ["Google is not set up for Courrier, or the client ID is wrong.", "Check the client ID and how it is registered."],
    fr: ["Google n’est pas configuré pour Courrier, ou l’identifiant client est faux.", "Vérifiez l’identifiant client et son enregistrement."],
    retryable: false,
  },
  "oauth.unreachable": {
    en: ["Google does not answer.", "Check the network, then try again."],
    fr: ["Google ne répond pas.", "Vérifiez le réseau, puis réessayez."],
    retryable: true,
  },
  "input.setting": {
    en: ["This is not a client ID.", "Copy it from the provider’s page."],
    fr: ["Ce n’est pas un identifiant client.", "Copiez-le depuis la page du fournisseur."],
    retryable: false,
  },
  "sync.failed": {
    en: ["The server refused a change.", "Try again in a few minutes. If it stays so, tell whoever runs the server."],
    fr: ["Le serveur a refusé une modification.", "Réessayez dans quelques minutes. Si cela continue, prévenez le responsable du serveur."],
    retryable: true,
  },
};

/** @param address Where the words name one. */
export function refusal(code: string, language: string, address = ""): ErrorView {
  const words = WORDS[code];
  if (!words) throw new Error(`no words for ${code}`);
  const [message, remedy] = language === "fr" ? words.fr : words.en;
  return { code, message: message.replace("{address}", address), remedy, retryable: words.retryable };
}
