### Les mots de la fenêtre. À côté, `words.ftl` contient ceux des problèmes et des remèdes, communs avec la ligne de commande.

## Pièces et cadre

rooms = Pièces
room-accounts = Comptes
room-add = Ajouter une adresse
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
tab-elsewhere = Autres logiciels
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
sign-in-needed = Connectez-vous de nouveau
sign-in-later = Ce fournisseur demande une connexion par le navigateur. Courrier le permettra dans une prochaine version.
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
password-oauth = Ce compte se connecte par le navigateur ; il n’a pas de mot de passe.
security-tls = chiffré
security-starttls = chiffré par STARTTLS
security-none = non chiffré

## Autres logiciels

helper-title = Mot de passe pour d’autres logiciels
helper-text = Les logiciels capables de lancer une commande obtiennent le mot de passe avec cette ligne. Il est lu chaque fois là où Courrier le conserve.
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
oauth-title = { $provider } demande une connexion par le navigateur
oauth-text = Courrier le permettra dans une prochaine version. Si vous avez un mot de passe d’application pour la messagerie, il fonctionne dès aujourd’hui.
oauth-use-password = Utiliser un mot de passe d’application
two-passwords = L’envoi utilise un autre mot de passe
save-account = Enregistrer le compte
update-account = Mettre à jour le compte
account-saved = { $address } fonctionne et est enregistrée.
account-saved-unchecked = { $address } est enregistrée, sans vérification.

## Réglages

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
storage-show = Voir où sont conservés les secrets
keyring-locked = Le trousseau est verrouillé
file-locked = Le fichier chiffré est verrouillé
keyring-locked-text = Les mots de passe seront visibles et utilisables une fois le trousseau déverrouillé. Tout le reste fonctionne.
file-locked-text = Les mots de passe seront visibles et utilisables une fois le fichier ouvert. Tout le reste fonctionne.
keyring-absent = Cet ordinateur n’a pas de trousseau
keyring-absent-text = Les mots de passe ne peuvent être ni conservés ni lus. Installez et démarrez un service de trousseau, comme GNOME Keyring ou KWallet, puis revérifiez. Ou conservez-les dans un fichier chiffré.
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
