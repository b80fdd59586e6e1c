### Les mots de la fenêtre. À côté, `words.ftl` contient ceux des problèmes et des remèdes, communs avec la ligne de commande.

## Pièces et cadre

rooms = Pièces
room-accounts = Comptes
room-add = Ajouter une adresse
room-devices = Appareils
room-settings = Réglages
starting = Ouverture de Courrier
start-failed-kept = Rien n’a été modifié ni supprimé.
try-again = Réessayer
messages = Messages
dismiss = Fermer
failure-internal = Une erreur est survenue dans Courrier.
failure-internal-remedy = Réessayez. Si elle revient, signalez-la en disant ce que vous faisiez juste avant.
cancel = Annuler
save = Enregistrer
copy = Copier
copied = Copié
change = Modifier
hide = Masquer
look-again = Revérifier
look = Voir
loading = Chargement…
nothing = rien
became = devient
back = Retour
open-page = Ouvrir la page

## Liste des comptes

search = Rechercher
search-accounts = Rechercher un compte
search-none = Aucun compte ne correspond à « { $query } ».
add = Ajouter
add-account = Ajouter un compte
account-count =
    { $count ->
        [one] { $count } compte
       *[other] { $count } comptes
    }
last-checked = vérification : { $when }
offline-since = Hors ligne depuis { $time }
check-all = Tout vérifier
checking-all =
    { $total ->
        [one] { $done } compte vérifié sur { $total }
       *[other] { $done } comptes vérifiés sur { $total }
    }
empty-title = Aucun compte pour l’instant
empty-text = Ajoutez une adresse ; elle apparaîtra ici.
fetching-accounts = Récupération de vos comptes…

## États en un mot

label-works = Fonctionne
label-works-with-warning = À surveiller
label-failed = Échec
label-checking = Vérification…
label-unchecked = Non vérifié
label-paused = En pause
label-sign-in = Se connecter
label-password = Mot de passe
label-no-password = Sans mot de passe
label-offline = Hors ligne
label-certificate = Certificat
label-keyring = Trousseau
label-sign-in-problem = Connexion
label-connection = Liaison
label-encryption = Chiffrement
label-mailbox = Boîte
label-sender = Expéditeur
label-server = Serveur

## Un compte

primary = principal
travels = Vous suit
only-here = Cet ordinateur seulement
account-waits = En attente d’envoi
conflict-unseen = Une modification a été mise de côté
more = Plus
make-primary = Définir comme principal
copy-address = Copier l’adresse
address-copied = Adresse copiée.
remove = Retirer le compte
removed = { $address } a été retirée.
removed-detail = Son mot de passe quittera cet ordinateur en même temps que ce message.
undo = Annuler le retrait
tab-health = État
tab-settings = Réglages
tab-credentials = Identifiants
tab-history = Historique
tab-elsewhere = Ailleurs
when-yesterday = hier à { $time }
when-day = le { $day } à { $time }

## État

check-again = Revérifier
check-now = Vérifier
cancel-check = Arrêter
cancelling = Arrêt…
checking = Vérification…
unchecked-title = Pas encore vérifié
unchecked-changed = Pas vérifié depuis le dernier changement
unchecked-text = Courrier joint les deux serveurs et s’y connecte. Il n’envoie et ne change rien.
sign-in-needed = { $provider } vous demande de vous reconnecter
sign-in-needed-text = D’ici là, les logiciels de messagerie n’ont plus accès à cette boîte. Tout le reste est conservé.
sign-in-missing = Pas encore connecté à { $provider } sur cet ordinateur
sign-in-missing-text = Connectez-vous-y une fois dans votre navigateur. Aucun mot de passe n’est saisi ici.
sign-in-again-do = Se reconnecter
worked-until = Dernier fonctionnement constaté : { $when }.
still-works =
    { $side ->
        [imap] La réception fonctionne toujours.
       *[smtp] L’envoi fonctionne toujours.
    }
change-settings = Modifier les réglages
copy-report = Copier le rapport
past-checks = Dernières vérifications
past-ok = Réception et envoi fonctionnent
past-all =
    { $count ->
        [one] Afficher { $count } vérification
       *[other] Afficher les { $count } vérifications
    }
side-receiving = Réception
side-sending = Envoi
tokens-title = Accès par le navigateur
tokens-provider = Accordé par
tokens-consented = Connecté en tant que
tokens-refreshed = Dernier renouvellement
tokens-renews = Prochain renouvellement
# $provider : qui donne l’accès
tokens-renews-soon = Dès que { $provider } répondra
tokens-sign-in-by = À reconnecter avant le
tokens-unless-used = { $date }, sauf utilisation entre-temps
unkept-title = Le nouvel accès ne peut pas être enregistré
unkept-text = Il est gardé en mémoire, et l’enregistrement est retenté sans cesse. Ne fermez pas Courrier avant, sinon il faudra vous reconnecter. Le trousseau est-il verrouillé ?
must-sign-in-account = { $address } doit se reconnecter
must-sign-in-accounts =
    { $count ->
        [one] { $count } compte doit se reconnecter
       *[other] { $count } comptes doivent se reconnecter
    }
must-sign-in-detail = D’ici là, les logiciels de messagerie n’ont plus accès à la boîte.
account-works-again = { $address } fonctionne à nouveau.
stages-show = Afficher chaque étape
stages-hide = Masquer les étapes

## Étapes, accomplies et en cours

stage-resolve = Nom trouvé
stage-connect = Connexion établie
stage-secure = Chiffrement, certificat valable
stage-greet =
    { $side ->
        [imap] Le serveur IMAP répond
       *[smtp] Le serveur SMTP répond
    }
stage-capabilities = Fonctions connues
stage-authenticate = Identification
stage-inbox = Boîte de réception ouverte
stage-sender = Expéditeur accepté
stage-ok = réussi
stage-failed = échec
stage-running = en cours
stage-waiting = non atteint
running-resolve = Recherche…
running-connect = Connexion…
running-secure = Chiffrement…
running-greet = Accueil…
running-capabilities = Fonctions…
running-authenticate = Identification…
running-inbox = Ouverture…
running-sender = Essai…
detail-addresses = Adresses
detail-address = Connecté à
detail-proxy = Par le proxy
detail-protocol = Protocole
detail-cipher = Chiffrement
detail-server = Accueil
detail-service = A répondu en
detail-capabilities = Fonctions
detail-mechanism = Mécanisme
detail-messages = Messages
certificate = Certificat
certificate-subject = Titulaire
certificate-issuer = Émetteur
certificate-names = Établi pour
certificate-valid = Validité
certificate-span = du { $from } au { $to }

## Mots de passe

password = Mot de passe
password-new = Nouveau mot de passe
password-show = Afficher le mot de passe
password-hide = Masquer le mot de passe
password-missing = Saisissez le mot de passe.
password-spaces = Des espaces entourent le mot de passe.
password-spaces-remove = Retirer les espaces
password-gaps = Un mot de passe d’application s’utilise sans les espaces.
password-gaps-remove = Retirer les espaces
password-saved = Le mot de passe fonctionne ; il est enregistré.
password-did-not-help = Ce mot de passe n’a pas fonctionné non plus. Il n’a pas été enregistré.
try-password = Essayer ce mot de passe
trying = Essai…
sending-password = Mot de passe d’envoi

## Identifiants

credentials-offline = Disponible hors ligne. Un mot de passe copié quitte de lui-même le presse-papiers.
user-name = Nom d’utilisateur
user-name-of =
    { $side ->
        [imap] Utilisateur, réception
       *[smtp] Utilisateur, envoi
    }
hidden = masqué
reveal = Afficher
copied-seconds = Copié · { $seconds } s
copy-server = Copier le serveur
port-and-security = port { $port } · { $security }
copy-port = Copier le port
password-not-stored = Aucun mot de passe n’est enregistré sur cet ordinateur. Saisissez-le une fois ; il est enregistré s’il fonctionne.
access = Accès
access-at = Connexion auprès de { $provider } ; il n’y a pas de mot de passe.
access-none = Pas connecté sur cet ordinateur ; il n’y a pas de mot de passe.
access-revoke = Retirer l’accès
access-revoke-title = Retirer l’accès de Courrier chez { $provider } ?
access-revoke-text = Les logiciels de messagerie d’ici ne pourront plus utiliser { $address }. Le compte et son courrier restent. Pour le rétablir, reconnectez-vous.
access-revoked = { $provider } ne laisse plus entrer Courrier.
access-unheard-text = Rien n’a été retiré. L’accès peut tout de même être oublié sur cet ordinateur ; chez le fournisseur, il reste alors valable jusqu’à ce qu’il y soit retiré.
access-forget = L’oublier ici seulement
security-tls = chiffré
security-starttls = chiffré par STARTTLS
security-none = non chiffré

## Autres logiciels

helper-title = Mot de passe pour d’autres logiciels
helper-text = Les logiciels capables de lancer une commande obtiennent le mot de passe avec cette ligne. Il est lu chaque fois là où Courrier le conserve.
helper-title-tokens = Accès pour d’autres logiciels
helper-text-tokens = Les logiciels capables de lancer une commande obtiennent un jeton valable avec cette ligne, chaque fois qu’ils le demandent.
helper-places = Où placer la ligne :

## Réglages d’un compte

settings-person = Compte
settings-servers = Serveurs
settings-password = Mot de passe
name = Nom
name-hint = Celui qui s’affiche ici.
address = Adresse
color = Couleur
color-number = Couleur { $number }
color-own = Une autre couleur
primary-choice = Compte principal
primary-hint = Pour changer, définissez un autre compte comme principal.
server = Serveur
server-missing = Saisissez le nom du serveur.
port = Port
port-invalid = De 1 à 65535
encryption = Chiffrement
choice-tls = TLS
choice-starttls = STARTTLS
choice-none = Aucun
not-encrypted = Tout le monde peut lire en chemin, y compris le mot de passe.
no-sign-in = L’envoi ne demande pas d’identification
password-keep = Laissez vide pour garder l’actuel.
sending-password-new = Nouveau mot de passe d’envoi
sending-password-hint = Seulement si l’envoi en utilise un autre.
identities = Envoie aussi en tant que
identities-text = D’autres adresses depuis lesquelles ce compte peut écrire.
identity-add = Ajouter une adresse
identity-remove = Retirer cette adresse
unsaved = Pas encore enregistré
not-saved = Rien n’a été enregistré.
will-check = Vérification avant l’enregistrement.
revert = Abandonner
saving = Enregistrement…
saved = Enregistré.
check-and-save = Vérifier et enregistrer
save-unchecked = Enregistrer sans vérifier

## Se connecter à l’organisation

first-title = Bienvenue dans Courrier
first-text = Où vos comptes de messagerie doivent-ils vivre ?
first-organisation = Se connecter à votre organisation
first-organisation-text = Son serveur apporte vos comptes sur chaque ordinateur que vous utilisez. Les mots de passe restent là où vous les avez saisis.
first-only-here = Cet ordinateur seulement
first-only-here-text = Tout reste ici. Aucun autre serveur que celui de votre fournisseur n’est contacté.
first-later = L’un peut devenir l’autre plus tard, dans les réglages. Rien ne se perd.
sign-in-title = Connexion à votre organisation
sign-in-text = Son serveur apporte les réglages de vos comptes sur chaque ordinateur que vous utilisez. Les mots de passe restent là où vous les avez saisis.
sign-in-again = Reconnectez-vous
sign-in-again-text = Ce que vous avez modifié entre-temps est conservé ici et partira ensuite.
sign-in-instead = Plutôt se connecter à votre organisation
sign-in-to-organisation = Se connecter…
sign-in-server = Adresse du serveur
sign-in-server-placeholder = courrier.exemple.org
sign-in-server-hint = Votre organisation vous donne cette adresse.
sign-in-server-missing = Saisissez l’adresse du serveur, par exemple courrier.exemple.org.
sign-in-pick-later = Vous choisirez ensuite quels comptes de cet ordinateur vous suivent.
sign-in-continue = Continuer dans le navigateur
sign-in-with-code = Utiliser un code
sign-in-use-browser = Utiliser le navigateur
sign-in-waiting-title = Continuez dans votre navigateur
sign-in-waiting-text = La page de connexion de votre organisation s’y ouvre. Une fois connecté, Courrier continue de lui-même.
sign-in-waiting = En attente de votre connexion à { $server }…
sign-in-open-again = Rouvrir le navigateur
sign-in-copy-address = Copier l’adresse
sign-in-paste-title = Le navigateur ne revient pas ?
sign-in-paste = Barre d’adresse du navigateur
sign-in-paste-text = Une fois connecté, copiez toute la barre d’adresse et collez-la ici.
sign-in-paste-missing = Collez la barre d’adresse du navigateur.
sign-in-paste-do = Continuer
sign-in-code-instead = Pas de navigateur sur cet ordinateur ?
sign-in-code-title = Connexion avec un code
sign-in-code-text = Ouvrez cette page sur n’importe quel appareil, un téléphone par exemple, et saisissez-y le code.
sign-in-code-page = Page
sign-in-code = Code
sign-in-code-asking = Demande d’un code à { $server }…
sign-in-code-waiting = En attente de votre connexion là-bas. Validité du code : { $when }.
consent-waiting-text = La page de { $provider } s’y ouvre pour { $address }. Connectez-vous et autorisez Courrier à lire et à envoyer du courrier ; la suite vient d’elle-même.
consent-failed-title = Connexion de { $address }
other-address-title = Une autre personne s’est connectée
other-address-right = Se connecter avec { $address }
other-address-right-text = Le navigateur s’ouvre de nouveau. S’il vous connecte de lui-même, déconnectez-vous-y d’abord.
other-address-use = L’utiliser quand même
other-address-use-text = Pour une boîte partagée, ou dont vous vous occupez pour quelqu’un d’autre.
issuer = Service de connexion
issuer-placeholder = https://id.exemple.org
issuer-hint = Son adresse, donnée par le responsable de votre serveur de messagerie.
client-id-hint = Seulement si l’on vous en a donné un.
admin-copy = Copier la demande
admin-open = Page d’approbation
client-id = Identifiant client
client-id-missing = Collez l’identifiant client.
client-id-text = { $provider } laisse entrer les logiciels par un identifiant client. Enregistrez-y le vôtre, comme logiciel pour ordinateur.
client-id-page = Ouvrir la page d’enregistrement
client-secret = Secret client
client-secret-hint = Seulement si le fournisseur en a affiché un à côté de l’identifiant.
client-secret-missing = { $provider } affiche un secret à côté de l’identifiant client. Collez-le aussi.
client-secret-kept = Laissez vide pour garder celui qui est enregistré.
client-id-own = Utiliser le navigateur, avec votre propre identifiant client…
client-id-use-own = Utiliser le vôtre…
client-id-remove = Retirer
choose-title = Quels comptes vous suivent ?
choose-text = Ceux que vous choisissez apparaissent sur vos autres ordinateurs, sans leurs mots de passe. Les autres restent sur cet ordinateur seulement.
choose-count =
    { $count ->
        [one] { $count } sur { $total } vous suit
       *[other] { $count } sur { $total } vous suivent
    }
choose-all = Tout choisir
choose-none = Ne rien choisir
choose-done = Continuer
signed-in-as = Vous êtes connecté : { $name }
travelling-count =
    { $count ->
        [one] { $count } compte vous suit.
       *[other] { $count } comptes vous suivent.
    }
needing-person =
    { $count ->
        [one] { $count } a encore besoin de vous sur cet ordinateur.
       *[other] { $count } ont encore besoin de vous sur cet ordinateur.
    }
nothing-missing = Il ne manque rien sur cet ordinateur.
none-travels = Aucun compte ne vous suit encore. Ceux que vous ajouterez vous suivront.
to-accounts = Voir les comptes

## Ce qui vous suit

sync-up-to-date = Synchronisé
sync-working = Synchronisation…
sync-waiting =
    { $count ->
        [one] { $count } modification en attente
       *[other] { $count } modifications en attente
    }
sync-offline = Serveur injoignable
sync-offline-waiting =
    { $count ->
        [one] { $count } modification attend le réseau
       *[other] { $count } modifications attendent le réseau
    }
sync-offline-text = Tout fonctionne entre-temps, et l’envoi se fera de lui-même.
sync-failed = Non synchronisé
sync-last = Dernière synchronisation : { $when }.
sync-now = Synchroniser
must-sign-in-text = Vos comptes restent ici, mais ne suivent plus vos autres appareils.
must-sign-in-waiting =
    { $count ->
        [one] { $count } modification reste ici jusque-là.
       *[other] { $count } modifications restent ici jusque-là.
    }
conflicts-unseen =
    { $count ->
        [one] { $count } modification a été mise de côté
       *[other] { $count } modifications ont été mises de côté
    }
conflicts-text = Deux appareils ont modifié la même chose. Vous pouvez rétablir la vôtre.
other-devices = Vos autres appareils
only-here-choice = Garder ce compte sur cet ordinateur seulement
only-here-would = Si vous cochez cette case, le compte quitte le serveur et vos autres appareils. Ici, rien ne change. L’effet est immédiat.
only-here-is = Seul cet ordinateur connaît ce compte. Décochez cette case, et il vous suivra, sans son mot de passe. L’effet est immédiat.

## Historique

history-title = Versions
history-text = Ce qui a été modifié, ici et sur vos autres appareils. Rétablir une version est une nouvelle modification : rien ne se perd.
history-none = Rien n’a encore changé
history-none-text = Chaque modification de ce compte apparaîtra ici et pourra être annulée.
version-added = Ajouté
version-edited = Modifié
version-received = Modifié sur un autre appareil
version-received-from = Modifié sur { $device }
version-conflict = Votre modification a été mise de côté
version-restored = Une version antérieure a été rétablie
version-removed = Supprimé
version-current = Actuelle
version-new = Nouveau
group-order = Ordre
restore = Rétablir
restored = Cette version est rétablie.
conflict-put-back = Rétablir la mienne
conflict-yours = La vôtre :
conflict-stands = Actuelle :
conflict-about = Un autre appareil a modifié la même chose avant, et c’est sa modification qui est en place.

## Appareils

devices-text = Les ordinateurs qui ont vos comptes. Révoquez celui qui est perdu ou donné.
devices-signed-out = Les appareils apparaissent une fois connecté à votre organisation.
devices-must-sign-in = La liste pourra être vue et modifiée une fois reconnecté.
devices-as-of = État au moment suivant : { $when }.
devices-only-one = C’est le seul pour l’instant.
device-joined = { $device } s’est connecté en votre nom
device-joined-text = Si ce n’était pas vous, révoquez-le et changez votre mot de passe.
device-joined-look = Voir les appareils
devices-active = En service
devices-revoked = Révoqués
device-current = Cet ordinateur
device-since = depuis le { $date }
device-here-now = Ici maintenant
device-last-seen = Dernière activité : { $when }
device-until = connecté jusqu’au { $date }
device-revoked = Révoqué : { $when }
device-rename = Renommer
device-name = Nom de l’appareil
device-name-missing = Saisissez un nom.
platform-other = Ordinateur
revoke = Révoquer
revoke-title = Révoquer { $device } ?
revoke-text = Il est déconnecté aussitôt et ne reçoit plus aucune modification. Ce qu’il a déjà y reste. C’est définitif ; pour revenir, il devra se connecter comme nouvel appareil.
audit-title = Ce qui a été fait, et d’où
audit-none = Rien pour l’instant.
audit-what = Quoi
audit-device = Appareil
audit-address = Adresse réseau
audit-when = Quand
audit-more = Voir plus ancien
audit-sign-in = Connexion
audit-sign-out = Déconnexion
audit-device-registered = Appareil ajouté
audit-device-renamed = Appareil renommé
audit-device-revoked = Appareil révoqué
audit-device-refused = Un appareil révoqué a été refusé
audit-account-added = Compte ajouté
audit-account-changed = Compte modifié
audit-account-removed = Compte supprimé
audit-preferences-changed = Préférences modifiées

## Ajouter

add-first-title = Bienvenue dans Courrier
add-first-text = Ajoutez votre première adresse. Courrier prouve qu’elle fonctionne avant de l’enregistrer.
add-title = Ajouter une adresse
add-text = Courrier prouve que la réception et l’envoi fonctionnent avant d’enregistrer.
address-placeholder = nom@exemple.org
address-exists = Cette adresse est déjà ici. L’enregistrer la met à jour.
found-source = réglages connus de { $provider } · chiffré
found-existing = ses réglages actuels
provider-unknown = Courrier ne connaît pas encore ce fournisseur. Ses pages d’aide indiquent les serveurs.
app-password = Mot de passe d’application
app-password-title = { $provider } demande un mot de passe d’application
app-password-text = Votre mot de passe habituel ne fonctionne pas dans les logiciels de messagerie. Créez un mot de passe d’application sur la page du fournisseur et collez-le ici.
app-password-and-imap-text = Activez IMAP dans les réglages du fournisseur, créez-y un mot de passe d’application et collez-le ici.
app-password-page = Créer un mot de passe d’application
imap-off-title = Chez { $provider }, la réception est d’abord désactivée
imap-off-text = Activez une fois IMAP dans les réglages du fournisseur, puis continuez ici.
oauth-title = { $provider } connecte uniquement par le navigateur
oauth-text = Courrier a besoin pour cela d’un identifiant client, et celui-ci n’en a pas. Le serveur de votre organisation peut lui en donner un, ou vous enregistrez le vôtre.
browser-text = Connectez-vous à { $provider } dans votre navigateur ; aucun mot de passe n’est saisi ici.
browser-text-unknown = Connectez-vous à votre fournisseur dans votre navigateur ; aucun mot de passe n’est saisi ici.
browser-or-app-password = Plutôt un mot de passe d’application
browser-or-password = Plutôt un mot de passe
browser-instead = Plutôt continuer dans le navigateur
two-passwords = L’envoi utilise un autre mot de passe
save-account = Enregistrer le compte
update-account = Mettre à jour le compte
account-saved = { $address } fonctionne et est enregistrée.
account-saved-unchecked = { $address } est enregistrée, sans vérification.

## Réglages

settings-server = Serveur
only-this-computer = Cet ordinateur seulement
only-this-computer-about = Connectez-vous à votre organisation, et les comptes que vous choisissez vous suivent sur vos autres ordinateurs.
signed-in-admin = Vous y êtes administrateur de Courrier.
sign-out-begin = Se déconnecter…
sign-out = Se déconnecter
sign-out-question = Que deviennent les comptes qui vous suivent ?
sign-out-keep = Les garder sur cet ordinateur
sign-out-keep-text = Ils restent avec leurs mots de passe, comme comptes de cet ordinateur seulement.
sign-out-remove = Les retirer de cet ordinateur
sign-out-remove-text = Ils partent avec leurs mots de passe. Sur le serveur et vos autres appareils, ils restent.
sign-out-unheard = Le service de connexion de votre organisation ne répond pas
sign-out-unheard-text = Vous pouvez tout de même vous déconnecter sur cet ordinateur. La session y continue jusqu’à son expiration, ou jusqu’à ce que vous révoquiez cet ordinateur depuis un autre.
sign-out-anyway = Se déconnecter ici tout de même
sign-out-loses =
    { $count ->
        [one] { $count } modification n’est pas arrivée au serveur et serait perdue.
       *[other] { $count } modifications ne sont pas arrivées au serveur et seraient perdues.
    }
settings-appearance = Apparence
language = Langue
language-system = Celle du système
theme = Thème
theme-system = Système
theme-light = Clair
theme-dark = Sombre
settings-secrets = Mots de passe
storage-keyring = Conservés dans le trousseau du système
storage-keyring-about = Les fichiers de Courrier ne contiennent aucun mot de passe.
storage-file = Conservés dans un fichier chiffré
storage-file-about = Ouvert avec votre phrase secrète ; sans elle, personne ne peut le lire.
storage-ready = Prêt
storage-locked = Verrouillé
storage-absent = Absent
storage-none-yet = Pas encore créé
storage-show = Voir où sont conservés les secrets
keyring-locked = Le trousseau est verrouillé
file-locked = Le fichier chiffré est verrouillé
keyring-locked-text = Les mots de passe seront visibles et utilisables une fois le trousseau déverrouillé. Tout le reste fonctionne.
file-locked-text = Les mots de passe seront visibles et utilisables une fois le fichier ouvert. Tout le reste fonctionne.
keyring-absent = Cet ordinateur n’a pas de trousseau
keyring-absent-text = Les mots de passe ne peuvent être ni conservés ni lus. Installez et démarrez un service de trousseau, comme GNOME Keyring ou KWallet, puis revérifiez. Ou conservez-les dans un fichier chiffré.
keyring-none-yet = Aucun trousseau n’a encore été créé
keyring-none-yet-text = Les mots de passe ne peuvent être ni conservés ni lus. Le système peut créer un trousseau maintenant ; il vous demandera de lui choisir un mot de passe. Ou conservez-les dans un fichier chiffré.
keyring-create = Créer un trousseau…
keyring-creating = Réponse du système attendue…
file-absent = Le fichier chiffré est introuvable
file-absent-text = Les mots de passe ne peuvent être ni conservés ni lus. Remettez le fichier dans le dossier de données de Courrier, puis revérifiez. Ou choisissez à nouveau où les conserver.
unlock = Déverrouiller…
passphrase = Phrase secrète
passphrase-again = Phrase secrète, encore une fois
passphrase-hint = Au moins { $shortest } caractères. Quelques mots sans lien entre eux sont sûrs et faciles à retenir.
passphrase-missing = Saisissez la phrase secrète.
passphrase-short = Elle est trop courte : { $shortest } caractères au moins.
passphrase-differs = Les deux phrases secrètes ne sont pas les mêmes.
file-open = Ouvrir
file-opening = Ouverture…
file-choose = Utiliser un fichier chiffré…
file-text = Courrier demande la phrase secrète une fois à chaque démarrage. Une phrase secrète perdue ne peut pas être retrouvée.
file-there = Le fichier existe déjà ; saisissez la phrase secrète avec laquelle il a été créé.
file-keep = Conserver dans le fichier
file-kept = Les nouveaux mots de passe sont conservés dans le fichier chiffré.
keyring-keep = Revenir au trousseau du système
keyring-kept = Les nouveaux mots de passe sont conservés dans le trousseau du système.
kept-before = Ceux déjà enregistrés restent où ils sont.
clipboard-time = Vider le presse-papiers après
clipboard-time-about = Seulement s’il contient encore le mot de passe.
reveal-time = Masquer un mot de passe affiché après
reveal-time-about = Il est aussi masqué quand la fenêtre n’est plus visible.
mail-providers = Connexion par le navigateur
mail-providers-text = Ces fournisseurs laissent entrer les logiciels par un identifiant client.
client-of-organisation = L’identifiant client est celui de votre organisation
client-of-person = L’identifiant client est le vôtre
client-of-build = L’identifiant client est fourni avec Courrier
client-of-nobody = Pas encore d’identifiant client
seconds =
    { $seconds ->
        [one] { $seconds } seconde
       *[other] { $seconds } secondes
    }
doctor = Cet ordinateur
doctor-looking = Vérification…
finding-keyring = Trousseau
finding-database = Base de données
finding-clock = Horloge
finding-proxy = Proxy
finding-network = Réseau
finding-server = Serveur
version = Courrier { $version }
