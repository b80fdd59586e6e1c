### Ce qui a échoué et comment y remédier, et les mots de la ligne de commande. À côté, `window.ftl` contient ceux de la fenêtre.
###
### Un message dit en une phrase ce qui s’est passé ; son `.remedy` dit quoi faire. Les identifiants suivent les codes
### stables : `problem-auth-rejected` exprime `auth.rejected`. Les variables sont décrites dans le fichier anglais.

## Problèmes d’une vérification

side-protocol =
    { $side ->
        [imap] IMAP
       *[smtp] SMTP
    }

problem-dns-no_such_host = Il n’existe pas de serveur nommé { $host }.
    .remedy = Vérifiez l’orthographe du nom ; les pages d’aide du fournisseur l’indiquent. Le serveur d’une entreprise n’est parfois connu que dans son réseau ou son VPN.
problem-dns-no_address = Le nom { $host } existe, mais aucune adresse ne lui correspond.
    .remedy =
        { $side ->
            [imap] Vérifiez le nom du serveur de réception ; les pages d’aide du fournisseur l’indiquent.
           *[smtp] Vérifiez le nom du serveur d’envoi ; les pages d’aide du fournisseur l’indiquent.
        } Le serveur d’une entreprise n’est parfois accessible que depuis son réseau ou son VPN.
problem-dns-unreachable = Le nom { $host } n’a pas pu être recherché : le service de noms du réseau ne répond pas.
    .remedy = Vérifiez la connexion au réseau et le VPN, puis réessayez. Si d’autres logiciels accèdent à internet, patientez quelques minutes : le service de noms est peut-être en panne.

problem-net-offline = Aucun chemin ne mène de cet ordinateur à { $host } ; il semble hors ligne.
    .remedy = Connectez-vous à un réseau, puis revérifiez. Le serveur d’une entreprise peut exiger son VPN.
problem-net-refused = { $host } refuse les connexions sur le port { $port }.
    .remedy = Vérifiez le port : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS. Si le serveur tourne sur cet ordinateur, comme une passerelle de messagerie, démarrez-le.
problem-net-timed_out = { $host } ne répond pas sur le port { $port }.
    .remedy =
        Un pare-feu bloque peut-être ce port, ou le port n’est pas le bon : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS. { $side ->
            [imap] Un essai depuis un autre réseau permet de le savoir.
           *[smtp] Le port 25 est bloqué dans la plupart des réseaux.
        }
problem-net-reset = La connexion à { $host } a été coupée.
    .remedy = Réessayez. Si cela se reproduit chaque fois, un pare-feu, un VPN ou un antivirus en est peut-être la cause : essayez sans lui ou depuis un autre réseau.
problem-net-proxy_failed = Le proxy n’a pas établi la connexion à { $host }, port { $port }.
    .remedy = Vérifiez l’adresse du proxy (variable d’environnement ALL_PROXY) et qu’il fonctionne. Son responsable doit peut-être autoriser ce port.

problem-tls-plaintext_port = { $host } n’utilise pas TLS dès le début sur le port { $port }.
    .remedy = Choisissez le chiffrement STARTTLS (port habituel : { $port_starttls }), ou utilisez TLS sur le port { $port_tls }.
problem-tls-implicit_port = { $host } attend TLS dès le début sur le port { $port }.
    .remedy = Choisissez le chiffrement TLS ; son port habituel est { $port_tls }.
problem-tls-starttls_missing = { $host } ne propose pas le chiffrement STARTTLS sur le port { $port }.
    .remedy = Choisissez le chiffrement TLS et le port { $port_tls }. Sur un réseau public, essayez-en un autre : quelqu’un y masque peut-être cette possibilité.
problem-tls-starttls_refused = { $host } propose le chiffrement STARTTLS, puis le refuse.
    .remedy = Réessayez dans quelques minutes, ou choisissez le chiffrement TLS et le port { $port_tls }. Si rien n’y fait, adressez-vous au responsable du serveur.
problem-tls-version_too_old = { $host } ne connaît que des versions de TLS qui ne sont plus sûres.
    .remedy = Demandez au responsable du serveur d’activer TLS 1.2 ou 1.3, ou s’il existe un serveur plus récent.
problem-tls-handshake_failed = Aucune connexion sûre avec { $host } n’a pu être convenue.
    .remedy = Vérifiez le nom du serveur, le port et le chiffrement. S’ils sont justes, un antivirus ou un pare-feu qui inspecte les échanges en est peut-être la cause : essayez un autre réseau, ou adressez-vous au responsable du serveur.
problem-tls-closed = { $host } a mis fin à la connexion pendant la mise en place du chiffrement.
    .remedy = Vérifiez le port : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS. S’il est juste, réessayez dans quelques minutes.

problem-tls-certificate_self_signed = { $host } ne prouve son identité que par un certificat qu’il a lui-même établi.
    .remedy = C’est normal pour une passerelle de messagerie sur cet ordinateur ou pour votre propre serveur : adressez-vous à son responsable, ou ajoutez le certificat aux certificats de confiance de cet ordinateur. Ne le faites jamais pour le serveur d’un fournisseur public : quelqu’un se fait peut-être passer pour lui.
problem-tls-certificate_untrusted = Cet ordinateur ne fait pas confiance à l’émetteur du certificat de { $host }.
    .remedy = Demandez au responsable du serveur d’installer la chaîne de certificats complète. En entreprise, ou avec un antivirus qui contrôle le courrier, leur autorité de certification doit figurer parmi les certificats de confiance de cet ordinateur.
problem-tls-certificate_expired = Le certificat de { $host } a expiré le { $date }.
    .remedy = Vérifiez d’abord la date et l’heure de cet ordinateur. Si elles sont justes, le responsable du serveur doit renouveler le certificat.
problem-tls-certificate_not_yet_valid = Le certificat de { $host } n’est valable qu’à partir du { $date }.
    .remedy = Vérifiez d’abord la date et l’heure de cet ordinateur ; l’horloge retarde peut-être. Si elles sont justes, le responsable du serveur doit remplacer le certificat.
problem-tls-certificate_wrong_host =
    { $names ->
        [none] Le certificat de { $host } ne nomme aucun serveur.
       *[other] Le certificat de { $host } est établi pour d’autres noms : { $names }.
    }
    .remedy = Utilisez le nom de serveur qu’indiquent les pages d’aide du fournisseur. Si c’est déjà le cas, demandez au responsable du serveur un certificat à ce nom.
problem-tls-certificate_invalid = Le certificat de { $host } est endommagé ou trop faible pour être fiable.
    .remedy = Demandez au responsable du serveur de remplacer le certificat.

problem-protocol-no_greeting = { $host } accepte les connexions sur le port { $port }, mais ne dit rien.
    .remedy = Vérifiez le port et le chiffrement : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS. S’ils sont justes, réessayez dans quelques minutes ; un pare-feu retient peut-être la réponse.
problem-protocol-timed_out = { $host } a cessé de répondre.
    .remedy = Réessayez dans quelques minutes. Si cela se reproduit chaque fois, essayez un autre réseau ou adressez-vous au responsable du serveur.
problem-protocol-wrong_service =
    { $service ->
        [unknown] Ce n’est pas un serveur { side-protocol } qui répond à l’adresse { $host }, port { $port }, mais autre chose.
       *[other] À l’adresse { $host }, port { $port }, répond un serveur { $service } et non { side-protocol }.
    }
    .remedy =
        { $service ->
            [IMAP] Ce serveur sert à la réception. Indiquez le serveur d’envoi du fournisseur ; ports habituels : { $port_tls } pour TLS et { $port_starttls } pour STARTTLS.
            [SMTP] Ce serveur sert à l’envoi. Indiquez le serveur de réception du fournisseur ; ports habituels : { $port_tls } pour TLS et { $port_starttls } pour STARTTLS.
            [POP3] Courrier n’utilise pas POP3. Indiquez le serveur { side-protocol } du fournisseur ; ports habituels : { $port_tls } pour TLS et { $port_starttls } pour STARTTLS.
            [HTTP] Vérifiez le nom du serveur et le port : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS. À l’hôtel ou dans le train, connectez-vous d’abord au réseau dans un navigateur.
           *[other] Vérifiez le nom du serveur et le port : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS.
        }
problem-protocol-closed = { $host } a mis fin à la connexion sans un mot.
    .remedy = Vérifiez le port et le chiffrement : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS. S’ils sont justes, patientez quelques minutes : après trop d’essais, certains serveurs n’admettent plus personne.

problem-server-unavailable = { $host } n’est pas disponible pour le moment.
    .remedy = Il n’y a rien à changer ici. Réessayez dans quelques minutes ; si cela dure, adressez-vous à votre fournisseur.
problem-server-too_many_connections = Trop de connexions à { $host } sont ouvertes à votre nom.
    .remedy = Fermez les autres logiciels de messagerie, y compris sur votre téléphone, et patientez quelques minutes. Votre moyen de connexion n’est pas en cause.

problem-auth-rejected = Le serveur n’accepte pas ce nom d’utilisateur et ce mot de passe.
    .remedy = Saisissez de nouveau le mot de passe, et vérifiez que « { $username } » est bien le nom d’utilisateur donné par votre fournisseur. Avec la validation en deux étapes, il faut parfois un mot de passe d’application.
    .remedy-app_password = { $provider } n’accepte qu’un mot de passe d’application, créé pour les logiciels de messagerie. Soit c’est ici votre mot de passe habituel, soit le mot de passe d’application est mal saisi ou a été révoqué. Créez-en un nouveau chez { $provider } et utilisez-le à la place.
    .remedy-imap_off = Soit le mot de passe est faux, soit l’accès des logiciels de messagerie (IMAP) est désactivé chez { $provider }. Vérifiez qu’IMAP est activé dans les réglages de votre boîte, puis saisissez de nouveau le mot de passe.
    .remedy-local_part = { $provider } demande comme nom d’utilisateur seulement ce qui précède le @, au lieu de « { $username } ». Modifiez le nom d’utilisateur ; si cela ne suffit pas, saisissez de nouveau le mot de passe.
problem-auth-app_password_required = { $provider } demande un mot de passe d’application.
    .remedy = Votre mot de passe habituel ne fonctionne pas dans les logiciels de messagerie. Créez un mot de passe d’application dans les réglages de sécurité de votre compte chez { $provider }, et utilisez-le à la place.
problem-auth-oauth_required = { $provider } demande une connexion par le navigateur.
    .remedy = Continuez dans le navigateur (dans un terminal : courrier authorize { $address }). Un mot de passe n’y change rien.
problem-auth-smtp_disabled_by_admin = Votre organisation n’autorise pas l’envoi depuis les logiciels de messagerie.
    .remedy = Demandez à son administrateur d’activer SMTP authentifié pour { $address }.
problem-auth-protocol_disabled = L’accès des logiciels de messagerie est désactivé chez { $provider }.
    .remedy = Activez IMAP dans les réglages de votre boîte chez { $provider }, patientez quelques minutes, puis revérifiez.
problem-auth-browser_confirmation_required = { $provider } veut s’assurer qu’il s’agit bien de vous.
    .remedy = Connectez-vous à votre boîte dans un navigateur et confirmez ce qui est demandé. Puis revérifiez.
problem-auth-token_rejected = { $provider } n’accepte plus la connexion actuelle.
    .remedy = Connectez-vous de nouveau par le navigateur.
problem-auth-token_expired = La connexion chez { $provider } a expiré.
    .remedy = Connectez-vous de nouveau par le navigateur.
problem-auth-scope_missing =
    { $side ->
        [imap] La connexion chez { $provider } ne permet pas de recevoir du courrier.
       *[smtp] La connexion chez { $provider } ne permet pas d’envoyer du courrier.
    }
    .remedy = Connectez-vous de nouveau par le navigateur, et autorisez Courrier à lire et à envoyer du courrier lorsque la question est posée.
problem-auth-consent_required = { $provider } demande votre autorisation avant que Courrier utilise cette boîte.
    .remedy = Connectez-vous de nouveau par le navigateur, et acceptez lorsque la question est posée.
problem-auth-admin_consent_required = Votre organisation doit approuver Courrier avant que vous puissiez utiliser cette boîte.
    .remedy = Demandez à l’administrateur de votre organisation d’approuver Courrier pour le courrier électronique. Puis connectez-vous de nouveau par le navigateur.
problem-auth-mechanism_unsupported = { $host } et Courrier n’ont aucun moyen d’identification en commun.
    .remedy = Vérifiez que le serveur, le port et le chiffrement sont ceux qu’indique votre fournisseur. Si c’est le cas, demandez-lui comment un logiciel de messagerie peut s’identifier.
problem-auth-not_offered = { $host } ne propose pas d’identification sur le port { $port }.
    .remedy =
        { $side ->
            [imap] Vérifiez le port : d’habitude { $port_tls } pour TLS et { $port_starttls } pour STARTTLS.
           *[smtp] Utilisez le port { $port_tls } avec TLS, ou le port { $port_starttls } avec STARTTLS ; le port 25 est réservé aux échanges entre serveurs. Si ce serveur ne demande pas d’identification, désactivez celle de l’envoi.
        }
problem-auth-encryption_required = L’identification auprès de { $host } exige une connexion chiffrée.
    .remedy = Choisissez le chiffrement TLS (port { $port_tls }) ou STARTTLS (port { $port_starttls }).
problem-auth-provider_unreachable = Le service de connexion de { $provider } ne répond pas.
    .remedy = Vérifiez le réseau, puis réessayez dans quelques minutes. Personne n’a besoin de se reconnecter pour autant.
problem-auth-temporary_failure = { $host } ne peut vérifier aucune connexion pour le moment.
    .remedy =
        { $auth ->
            [oauth] Votre autorisation est peut-être en règle : réessayez dans quelques minutes.
           *[password] Le mot de passe est peut-être juste : ne le changez pas, et réessayez dans quelques minutes.
        }
problem-auth-rate_limited = Après trop d’essais de connexion, { $host } n’en accepte plus pour l’instant.
    .remedy =
        { $auth ->
            [oauth] Patientez une heure, puis vérifiez une seule fois. Cherchez si un autre logiciel ou un téléphone se connecte encore d’une ancienne manière.
           *[password] Patientez une heure, puis vérifiez une seule fois. Cherchez si un autre logiciel ou un téléphone utilise encore un ancien mot de passe.
        }
problem-auth-locked = { $provider } a verrouillé ce compte.
    .remedy = Connectez-vous sur le site du fournisseur pour en voir la raison, ou adressez-vous au fournisseur ou à l’administrateur. De nouveaux essais d’ici pourraient prolonger le verrouillage.
problem-auth-password_expired = Le mot de passe de « { $username } » a expiré.
    .remedy = Choisissez-en un nouveau sur le site du fournisseur ou avec votre administrateur, puis saisissez-le ici.
problem-auth-connected_not_authorised = La connexion a réussi, mais « { $username } » n’a pas accès à cette boîte.
    .remedy =
        { $auth ->
            [oauth] Vérifiez que ce nom d’utilisateur correspond à l’adresse { $address }, et que vous vous êtes connecté dans le navigateur avec un compte qui a accès à la boîte. Pour une boîte partagée, demandez l’accès à l’administrateur.
           *[password] Vérifiez que ce nom d’utilisateur correspond à l’adresse { $address }. Pour une boîte partagée, demandez l’accès à l’administrateur.
        }

problem-mailbox-inbox_missing = L’identification a réussi, mais la boîte de réception ne s’ouvre pas.
    .remedy = Ouvrez une fois la boîte sur le site du fournisseur, puis revérifiez. Si cela ne suffit pas, adressez-vous à votre fournisseur.
problem-smtp-sender_refused = { $host } n’accepte pas { $address } comme expéditeur.
    .remedy = Utilisez le nom d’utilisateur qui va avec cette adresse, ou demandez à votre fournisseur de vous autoriser à écrire avec elle. Une adresse avec des accents ou d’autres lettres particulières exige un serveur qui les accepte.
problem-smtp-relay_denied = { $host } ne transmet pas votre courrier.
    .remedy = Vérifiez que l’envoi demande une identification. Si c’est le cas, ce serveur est peut-être réservé à son propre réseau : rejoignez ce réseau ou son VPN, ou adressez-vous à votre fournisseur.

problem-secret-missing = Il n’y a pas de mot de passe pour s’identifier.
    .remedy = Saisissez le mot de passe de { $address }, puis revérifiez.
problem-keyring-locked = Le trousseau est verrouillé ; ce qu’il faut pour s’identifier ne peut pas être lu.
    .remedy = Déverrouillez le trousseau, puis revérifiez.
problem-keyring-absent = Cet ordinateur n’a pas de trousseau ; ce qu’il faut pour s’identifier ne peut pas être lu.
    .remedy = Installez et démarrez un service de trousseau, comme GNOME Keyring ou KWallet, puis revérifiez.
problem-other = { $host } a fait quelque chose que Courrier ne sait pas expliquer.
    .remedy = Si le serveur a dit quelque chose, ses mots sont affichés. Réessayez plus tard ; si rien ne change, transmettez le rapport à votre fournisseur.

## Avertissements : tout fonctionne, mais quelque chose est à surveiller

warning-mailbox-over_quota = La boîte est pleine.
    .remedy = Vous pouvez encore lire, mais de nouveaux messages risquent d’être refusés. Supprimez de gros messages et videz la corbeille, ou demandez plus de place à votre fournisseur.
warning-tls-certificate_expires_soon = Le certificat du serveur expire le { $date }.
    .remedy = Il n’y a rien à faire, sauf si vous êtes responsable du serveur : renouvelez alors le certificat avant cette date.

## Erreurs : la demande n’a pas abouti et rien n’a été modifié

error-account-not_found = Aucun compte n’a cette adresse.
    .remedy = Vérifiez l’orthographe de l’adresse, ou ajoutez le compte.
error-account-address_taken = Un autre compte a déjà cette adresse.
    .remedy = Modifiez ce compte, ou utilisez une autre adresse.
error-endpoint-missing = Courrier ne connaît pas les serveurs de ce fournisseur.
    .remedy = Indiquez le serveur de réception et le serveur d’envoi ; les pages d’aide du fournisseur les nomment.
error-secret-missing = Aucun mot de passe n’est enregistré pour ce compte.
    .remedy = Saisissez le mot de passe du compte ; il est conservé s’il fonctionne.
error-secret-missing_oauth = Vous n’avez pas encore donné votre accord chez { $provider } sur cet ordinateur.
    .remedy = Connectez-vous par le navigateur (dans un terminal : courrier authorize et l’adresse).
error-keyring-locked = Le trousseau est verrouillé.
    .remedy = Déverrouillez le trousseau, puis réessayez.
error-keyring-absent = Cet ordinateur n’a pas de trousseau ; ni les mots de passe ni les connexions ne peuvent être conservés ou lus.
    .remedy = Installez et démarrez un service de trousseau, comme GNOME Keyring ou KWallet, puis réessayez.
error-keyring-absent_none_yet = Aucun trousseau n’a encore été créé sur cet ordinateur ; ni les mots de passe ni les connexions ne peuvent être conservés ou lus.
    .remedy = Créez un trousseau, puis réessayez. Ou conservez les mots de passe dans un fichier chiffré.
error-keyring-wrong_passphrase = Cette phrase secrète n’ouvre pas le fichier chiffré.
    .remedy = Saisissez-la de nouveau ; attention aux majuscules et à la disposition du clavier.
error-keyring-damaged = Ce qui est enregistré pour ce compte est endommagé et ne peut pas être lu.
    .remedy = Saisissez de nouveau le mot de passe du compte, ou reconnectez-vous par le navigateur, pour le réenregistrer. Si cela échoue aussi, restaurez le dossier de données de Courrier à partir d’une sauvegarde.
error-keyring-too_long = Le mot de passe est trop long pour le trousseau de cet ordinateur, limité à { $limit } octets.
    .remedy = Vérifiez que seul le mot de passe a été collé. S’il est vraiment si long, choisissez-en un plus court chez votre fournisseur.
error-keyring-newer_version = Le fichier chiffré des mots de passe provient d’une version plus récente de Courrier.
    .remedy = Mettez Courrier à jour sur cet ordinateur.
error-keyring-failed = Le trousseau n’a pas enregistré ou rendu un secret.
    .remedy = Réessayez. Si cela échoue chaque fois, redémarrez l’ordinateur ou consultez le logiciel de trousseau du système.
error-store-read_only = Courrier n’a pas le droit d’écrire dans son dossier de données.
    .remedy = Donnez-vous le droit d’écrire dans ce dossier, ou choisissez-en un autre. Ce qui est enregistré reste lisible.
error-store-full = Le disque est plein.
    .remedy = Libérez de la place, puis réessayez.
error-store-busy = Un autre Courrier utilise les données en ce moment.
    .remedy = Patientez un instant, puis réessayez.
error-store-corrupt = La base de données de Courrier est endommagée ou ne vient pas de Courrier.
    .remedy = Elle a été laissée telle quelle. Restaurez le dossier de données à partir d’une sauvegarde, ou déplacez-le pour repartir de zéro.
error-store-newer_version = La base de données provient d’une version plus récente de Courrier (format { $found } ; celle-ci lit jusqu’au format { $known }).
    .remedy = Mettez Courrier à jour sur cet ordinateur. Rien n’a été modifié.
error-store-failed = Le dossier de données de Courrier est inutilisable.
    .remedy = Vérifiez que le disque fonctionne et qu’il est connecté, puis réessayez.
error-store-no_folder = Courrier n’a pas trouvé de dossier pour ses données.
    .remedy = Donnez à la variable d’environnement COURRIER_HOME le nom d’un dossier où vous pouvez écrire.
error-cancelled = Annulé.
    .remedy = Rien n’a été modifié. Recommencez quand vous voulez.
error-page-unknown = Courrier n’ouvre que les pages qu’il connaît.
    .remedy = Si vous faites confiance à cette page, ouvrez-la vous-même dans votre navigateur.
error-check-not_found = Cette vérification n’est plus conservée.
    .remedy = Revérifiez le compte.
error-clipboard-failed = Le presse-papiers n’est pas accessible.
    .remedy = Affichez le mot de passe pour le recopier, ou réessayez.
error-browser-failed = Aucun navigateur n’a pu être ouvert.
    .remedy = Choisissez un navigateur par défaut, puis réessayez.
error-internal = Une erreur est survenue dans Courrier.
    .remedy = Réessayez. Si elle revient, signalez-la en disant ce que vous faisiez juste avant.

error-input-address = Ce n’est pas une adresse de courrier.
    .remedy = Écrivez-la comme nom@exemple.org.
error-input-domain = Ce qui suit le @ n’est pas un nom de domaine.
    .remedy = Écrivez-le comme exemple.org.
error-input-host = Ce n’est pas un nom de serveur.
    .remedy = Écrivez un nom comme imap.exemple.org, ou une adresse IP.
error-input-port = Ce n’est pas un port.
    .remedy = Donnez un nombre de 1 à 65535.
error-input-security = Ce n’est pas un type de chiffrement.
    .remedy = Choisissez tls, starttls ou none.
error-input-auth = Ce mode d’identification ne peut pas servir ici.
    .remedy = Choisissez password ou oauth ; none ne vaut que pour l’envoi.
error-input-endpoint = Ce n’est pas un serveur complet.
    .remedy = Écrivez-le sous la forme SERVEUR:PORT/CHIFFREMENT, par exemple imap.exemple.org:993/tls.
error-input-color = Ce n’est pas une couleur.
    .remedy = Écrivez # suivi de six chiffres ou lettres de a à f, par exemple #3366cc.
error-input-username = Ce ne peut pas être un nom d’utilisateur.
    .remedy = Évitez les retours à la ligne et autres caractères semblables, raccourcissez-le s’il est très long, et ne le laissez pas vide.
error-input-display_name = Ce ne peut pas être un nom.
    .remedy = Évitez les retours à la ligne et autres caractères semblables, et raccourcissez-le s’il est très long.
error-input-id = Ce n’est pas un identifiant donné par Courrier.
    .remedy = Prenez-le dans la liste des comptes.
error-input-setting = Ce réglage n’accepte pas cette valeur.
    .remedy = Choisissez l’une des valeurs proposées.
error-usage = La commande n’a pas été comprise.
    .remedy = « courrier --help » montre comment l’écrire.

## Étapes d’une vérification, une fois accomplies ; `.failed` sinon

stage-resolve = Nom trouvé
    .failed = Nom introuvable
stage-connect = Connexion établie
    .failed = Connexion non établie
stage-secure = Chiffrement, certificat valable
    .failed = Pas de chiffrement sûr
stage-greet =
    { $side ->
        [imap] Le serveur IMAP répond
       *[smtp] Le serveur SMTP répond
    }
    .failed =
        { $side ->
            [imap] Le serveur IMAP ne répond pas
           *[smtp] Le serveur SMTP ne répond pas
        }
stage-capabilities = Fonctions connues
    .failed = Fonctions inconnues
stage-authenticate = Identification
    .failed = Échec de l’identification
stage-inbox = Boîte de réception ouverte
    .failed = Boîte de réception non ouverte
stage-sender = Expéditeur accepté
    .failed = Expéditeur non accepté

## Comptes en quelques mots

side-imap = Réception
side-smtp = Envoi
state-ok = Fonctionne
state-problem = Problème
state-unchecked = Non vérifié
state-sign_in_needed = Connexion à refaire
state-paused = En pause
primary = principal
security-tls = chiffré
security-starttls = chiffré par STARTTLS
security-none = non chiffré
auth-password = mot de passe
auth-oauth = connexion par le navigateur
auth-none = sans identification
label-receiving = Réception
label-sending = Envoi
label-user = Nom d’utilisateur
label-security = Chiffrement
label-name = Nom
label-color = Couleur
label-identities = Écrit aussi avec
label-added = Ajouté
label-changed = Modifié
label-health = État

## Diagnostic de cet ordinateur

doctor-keyring-ready = Les mots de passe peuvent être conservés : une entrée d’essai a été écrite, relue et supprimée.
doctor-keyring-locked = Le trousseau est verrouillé.
    .remedy = Déverrouillez-le, puis revérifiez.
doctor-keyring-absent = Cet ordinateur n’a pas de trousseau ; les mots de passe ne peuvent être ni conservés ni lus.
    .remedy = Installez et démarrez un service de trousseau, comme GNOME Keyring ou KWallet, puis revérifiez.
doctor-keyring-none_yet = Aucun trousseau n’a encore été créé sur cet ordinateur ; les mots de passe ne peuvent être ni conservés ni lus.
    .remedy = Créez un trousseau, puis revérifiez. Ou conservez les mots de passe dans un fichier chiffré.
doctor-keyring-failed = Le trousseau n’a pas enregistré et rendu une entrée d’essai.
    .remedy = Redémarrez l’ordinateur ou consultez le logiciel de trousseau du système, puis revérifiez.
doctor-database-ok =
    { $accounts ->
        [one] La base de données est en ordre, avec { $accounts } compte.
       *[other] La base de données est en ordre, avec { $accounts } comptes.
    }
doctor-database-read_only = La base de données peut être lue, mais pas modifiée.
    .remedy = Donnez-vous le droit d’écrire dans le dossier de données de Courrier.
doctor-database-failed = La base de données ne peut pas être lue.
    .remedy = Vérifiez que le disque fonctionne et qu’il y reste de la place. Si c’est le cas, restaurez le dossier de données de Courrier à partir d’une sauvegarde.
doctor-clock-ok = L’horloge indique { $time }, ce qui est plausible.
doctor-clock-wrong = L’horloge indique { $time }, ce qui ne peut pas être juste.
    .remedy = Réglez la date et l’heure de cet ordinateur. D’ici là, les certificats des serveurs peuvent sembler expirés ou pas encore valables.
doctor-proxy-none = Aucun proxy n’est réglé.
doctor-proxy-ok = Le proxy { $proxy } répond.
doctor-proxy-failed = Le proxy { $proxy } est inutilisable : { $reason }
    .remedy = Vérifiez l’adresse du proxy (variable d’environnement ALL_PROXY) et qu’il fonctionne.
doctor-network-ok = Cet ordinateur est connecté à un réseau.
doctor-network-offline = Cet ordinateur n’est connecté à aucun réseau.
    .remedy = Connectez-vous à un réseau. En attendant, les comptes et les mots de passe enregistrés restent utilisables.
doctor-server-none = Aucune connexion à une organisation : il n’y a rien à vérifier.

## Rapport d’une vérification, texte à transmettre

report-title = Vérification de { $address }
report-time = Vérifié le { $time }
report-version = Courrier { $version }
report-note = Les mots de passe, les autres secrets et les chemins de cet ordinateur ont été retirés.
report-problem = Problème :
report-server_said = Réponse du serveur :
report-what_to_do = Que faire :

## Ligne de commande

cli-saved = { $address } est enregistrée.
cli-updated = { $address } est mise à jour.
cli-removed = { $address } est retirée.
cli-not_saved = Rien n’a été enregistré.
cli-no_accounts = Aucun compte pour l’instant. Pour en ajouter un : courrier account add nom@exemple.org
cli-all_works = La réception et l’envoi fonctionnent.
cli-has_problems = Il y a un problème.
cli-took = { $ms } ms
cli-server_said = Réponse du serveur :
cli-what_to_do = Que faire :
cli-warning = Avertissement :
cli-checked_never = Jamais vérifié
cli-checked_at = Vérifié le { $time }
cli-primary = { primary }
cli-no_secret = aucun mot de passe enregistré
cli-no_tokens = non connecté
cli-unchecked = non vérifié

## Lecture des secrets, et leur emplacement

error-input-password = Aucun mot de passe n’a pu être lu.
    .remedy = Placez le mot de passe seul sur la première ligne, en texte brut UTF-8.
error-input-passphrase = Aucune phrase secrète n’a pu être lue.
    .remedy = Saisissez-la, ou placez-la seule sur la première ligne du fichier.
error-input-client_secret = Aucun secret client n’a pu être lu.
    .remedy = Placez-le seul sur la première ligne de l’entrée standard, tel qu’il vous a été donné avec l’identifiant client.
cli-password = Mot de passe :
cli-client_secret = Secret client :
cli-passphrase = Phrase secrète du fichier chiffré :
cli-storage-keyring-ready = Les mots de passe sont conservés dans le trousseau du système, qui est ouvert.
cli-storage-keyring-locked = Les mots de passe sont conservés dans le trousseau du système, qui est verrouillé.
cli-storage-keyring-absent = Les mots de passe doivent être conservés dans le trousseau du système, mais il n’y en a pas.
cli-storage-keyring-none_yet = Les mots de passe doivent être conservés dans le trousseau du système, mais aucun n’a encore été créé. Pour en créer un : courrier storage --unlock
cli-storage-file-ready = Les mots de passe sont conservés dans un fichier chiffré, qui est ouvert.
cli-storage-file-locked = Les mots de passe sont conservés dans un fichier chiffré, qui est verrouillé.
cli-storage-file-absent = Les mots de passe doivent être conservés dans un fichier chiffré, mais il est introuvable.

## Le fichier chiffré à la place du trousseau

error-keyring-locked_file = Le fichier chiffré des mots de passe est verrouillé.
    .remedy = Ouvrez-le avec sa phrase secrète.
error-keyring-absent_file = Le fichier chiffré des mots de passe est introuvable.
    .remedy = Restaurez-le dans le dossier de données, ou choisissez à nouveau où conserver les mots de passe.
doctor-file-ready = Le fichier chiffré accepte un mot de passe et le rend.
doctor-file-locked = Le fichier chiffré des mots de passe est verrouillé.
    .remedy = Ouvrez-le avec sa phrase secrète, puis recommencez.
doctor-file-absent = Le fichier chiffré des mots de passe est introuvable.
    .remedy = Restaurez-le dans le dossier de données, ou choisissez à nouveau où conserver les mots de passe.
doctor-file-failed = Le fichier chiffré ne rend pas ce qui y a été écrit.
    .remedy = Vérifiez que le disque n’est pas plein et que le dossier de données n’est pas en lecture seule.

## Le serveur de l’organisation : connexion et transport des comptes

error-signin-cancelled = La connexion a été annulée.
    .remedy = Rien n’a été modifié. Recommencez quand vous voulez.
error-signin-timed_out = Personne ne s’est connecté dans le temps imparti.
    .remedy = Recommencez. Si le navigateur n’a pas retrouvé Courrier, collez l’adresse qu’il affiche, ou connectez-vous avec un code.
error-signin-denied = Votre organisation a refusé la connexion.
    .remedy = Si ce refus ne vient pas de vous, demandez à votre administrateur si vous pouvez utiliser Courrier.
error-signin-forged = La réponse à la connexion n’est pas authentique ; elle n’a pas été utilisée.
    .remedy = Recommencez. Si cela se reproduit, prévenez votre administrateur : quelqu’un s’interpose peut-être.
error-signin-refused = La réponse de la page de connexion n’a pas été acceptée.
    .remedy = Recommencez. Si cela se reproduit, prévenez votre administrateur.
error-signin-no_refresh_token = Votre organisation ne permet à personne de rester connecté, et Courrier ne peut pas travailler ainsi.
    .remedy = Demandez à votre administrateur d’autoriser l’accès hors ligne pour Courrier.
error-signin-clock = L’horloge de cet ordinateur est fausse ; la connexion ne peut pas être vérifiée.
    .remedy = Réglez la date et l’heure, puis recommencez.
error-signin-needed = Vous n’êtes pas connecté à votre organisation.
    .remedy = Connectez-vous. Vos comptes sur cet ordinateur restent tels quels.
error-signin-other_person = Quelqu’un d’autre est connecté sur cet ordinateur.
    .remedy = Déconnectez-vous d’abord. Les comptes de deux personnes ne sont jamais mélangés.
error-signin-issuer_changed = Le serveur renvoie vers une autre page de connexion qu’auparavant.
    .remedy = Si votre organisation l’a déplacée, déconnectez-vous en gardant vos comptes, puis reconnectez-vous. Sinon, demandez d’abord à votre administrateur.
error-signin-browser = Aucun navigateur n’a pu être ouvert pour la connexion.
    .remedy = Choisissez un navigateur par défaut et recommencez, ou connectez-vous avec un code sur un autre appareil.
error-signin-not_the_address = Ce n’est pas l’adresse à laquelle le navigateur est arrivé.
    .remedy = Copiez toute la ligne d’adresse de la page qui n’a pas pu s’afficher ; elle commence par http://127.0.0.1.
error-issuer-unreachable = Le service de connexion de votre organisation ne répond pas.
    .remedy = Vérifiez le réseau, puis réessayez. Vos comptes sur cet ordinateur restent utilisables.
error-issuer-misconfigured = Le service de connexion de votre organisation n’est pas configuré pour Courrier.
    .remedy = Prévenez votre administrateur ; le journal de Courrier dit ce qui manque.
error-server-no_answer = Aucun serveur ne répond à cette adresse.
    .remedy = Vérifiez l’adresse et le réseau, puis réessayez. Le serveur d’une organisation peut exiger son VPN.
error-server-unreachable = Le serveur de votre organisation ne répond pas.
    .remedy = Vérifiez le réseau, puis réessayez. Les modifications sont gardées et envoyées dès qu’il répond.
error-server-refused = Le serveur a refusé la demande.
    .remedy = Réessayez. Si cela se reproduit, mettez Courrier à jour ou prévenez votre administrateur.
error-server-not_courrier = Ce qui répond à cette adresse n’est pas un serveur Courrier.
    .remedy = Vérifiez l’adresse. Sur le réseau d’un hôtel ou d’un aéroport, identifiez-vous d’abord auprès de lui.
error-server-insecure = La connexion à ce serveur ne serait pas chiffrée.
    .remedy = Donnez une adresse qui commence par https://.
error-server-too_new = Le serveur est plus récent que ce Courrier.
    .remedy = Mettez Courrier à jour sur cet ordinateur.
error-device-revoked = L’accès de cet ordinateur a été révoqué.
    .remedy = Pour l’utiliser de nouveau, reconnectez-vous ; il sera alors un nouvel appareil dans la liste de vos ordinateurs.
error-device-not_found = Cet ordinateur n’existe pas.
    .remedy = Prenez son identifiant dans la liste de vos ordinateurs.
error-sync-failed = Les comptes n’ont pas pu être échangés avec le serveur.
    .remedy = Réessayez. Rien n’est perdu : les modifications attendent sur cet ordinateur.
error-input-server = Ce n’est pas l’adresse d’un serveur.
    .remedy = Écrivez-la comme https://courrier.example.org.
error-input-device_name = Un ordinateur ne peut pas porter ce nom.
    .remedy = Utilisez 1 à 100 caractères sur une ligne.
doctor-server-ok = Connecté à { $server }, qui répond.
doctor-server-must_sign_in = { $server } répond, mais la connexion a pris fin.
    .remedy = Reconnectez-vous. Les comptes sur cet ordinateur restent utilisables en attendant.
doctor-server-unreachable = { $server } ne répond pas.
    .remedy = Vérifiez le réseau. Les comptes sur cet ordinateur restent utilisables, et les modifications attendent.
doctor-server-other = Ce qui répond à { $server } n’est pas un serveur Courrier que ce programme comprend.
    .remedy = Vérifiez si ce réseau demande une identification, et si Courrier est à jour.

## Pages que le navigateur affiche à la fin d’une connexion

page-signed_in = Vous êtes connecté
    .body = Vous pouvez fermer cette page et revenir à Courrier.
page-authorized = Courrier peut utiliser cette boîte
    .body = Vous pouvez fermer cette page et revenir à Courrier.
page-signed_out = Vous êtes déconnecté
    .body = Vous pouvez fermer cette page.
page-failed = Personne n’a été connecté
    .body = Revenez à Courrier, qui dit pourquoi.
page-stray = Cette connexion est terminée
    .body = Revenez à Courrier et recommencez si vous voulez encore vous connecter.

## Connexion par un terminal

cli-signin-browser = En attente de votre connexion dans le navigateur…
cli-signin-open = Ouvrez cette adresse dans un navigateur sur cet ordinateur :
cli-signin-paste = Si le navigateur ne retrouve pas Courrier, collez ici l’adresse qu’il affiche et appuyez sur Entrée.
cli-signin-code = Ouvrez { $url } sur n’importe quel appareil et saisissez le code { $code }
cli-signed_in = Connecté à { $server } en tant que { $person }.
cli-signed_out = Déconnecté de { $server }.
cli-this_computer = Cet ordinateur : { $device }
cli-travelling =
    { $accounts ->
        [one] { $accounts } compte de cet ordinateur voyage désormais.
       *[other] { $accounts } comptes de cet ordinateur voyagent désormais.
    }
cli-synced = { $sent } envoyés, { $received } reçus, { $pending } en attente
cli-conflict = { $address } a aussi été modifié ailleurs ; ce qui a cédé est dans son historique.
cli-conflict-gone = un compte supprimé
cli-device-current = cet ordinateur
cli-device-revoked = révoqué
cli-device-seen = vu pour la dernière fois { $time }
cli-device-renamed = { $device } est renommé.
cli-device-revoked_now = { $device } n’a plus accès.

## Comptes qui se connectent par le navigateur
##
## Toute erreur peut utiliser $provider : le nom du fournisseur, ou l'hôte du service de connexion

# $app_passwords : la page où créer un mot de passe d'application, « none » si c'est impossible ;
# $registration : la page où créer un identifiant client, « none » s'il n'y en a pas
error-oauth-client_missing = Courrier n’est pas encore enregistré chez { $provider } ; il ne peut pas vous envoyer à sa page de connexion.
    .remedy =
        { $app_passwords ->
            [none] Le serveur de votre organisation peut donner un identifiant client à Courrier.
           *[other] Utilisez plutôt un mot de passe d’application (à créer sur { $app_passwords }).
        } { $registration ->
            [none] Qui gère { $provider } peut enregistrer Courrier ; saisissez l’identifiant client dans les réglages (dans un terminal : --client-id).
           *[other] Ou enregistrez votre propre identifiant client sur { $registration } et saisissez-le dans les réglages (dans un terminal : --client-id).
        }
# $registration : la page où se créent un identifiant client et son secret
error-oauth-client_secret_missing = { $provider } demande un secret client en plus de l’identifiant client.
    .remedy = Il vous a été donné avec l’identifiant client (sur { $registration }). Dans un terminal, ajoutez --client-secret-stdin et saisissez-le, ou passez-le par l’entrée standard.
error-oauth-provider_unknown = Personne ne dit où se trouve la page de connexion de ce compte.
    .remedy = Demandez à qui gère le serveur de messagerie l’adresse du service de connexion, et donnez-la (dans un terminal : --issuer).
error-oauth-not_used = Ce compte s’identifie par mot de passe.
    .remedy = Connectez-vous d’abord par le navigateur (dans un terminal : courrier authorize et l’adresse), ou demandez plutôt le mot de passe.
# $account : l'adresse du compte ; $consented : l'adresse qui s'est connectée
error-oauth-other_address = Vous vous êtes connecté en tant que { $consented }, mais ce compte est { $account }.
    .remedy = Connectez-vous en tant que { $account }. Si c’est une boîte partagée, ou si vous la lisez pour quelqu’un, utilisez quand même cette connexion (dans un terminal : --as-delegate).
error-oauth-host_changed = Les serveurs du compte ont changé, et cette connexion n’est pas destinée aux nouveaux.
    .remedy = Si vous connaissez les nouveaux serveurs, reconnectez-vous par le navigateur. Sinon, remettez les anciens : votre connexion n’a été montrée à personne.
# $reason : un code, comme dans oauth-reason-…
error-oauth-sign_in_needed =
    { $reason ->
        [idle] { $provider } a mis fin à la connexion, restée trop longtemps inutilisée.
        [expired] La connexion chez { $provider } a expiré.
        [sign_in_frequency] Votre organisation demande de se reconnecter de temps en temps.
        [revoked] { $provider } a mis fin à la connexion : le mot de passe a changé, ou l’accès a été retiré.
        [second_factor] { $provider } demande une seconde preuve que c’est bien vous.
        [conditional_access] Les règles de votre organisation ne permettent pas cette connexion.
       *[other] { $provider } vous demande de vous reconnecter.
    }
    .remedy =
        { $reason ->
            [conditional_access] Demandez à votre administrateur ce qu’il faut à cet ordinateur ou à ce réseau. Puis reconnectez-vous par le navigateur.
           *[other] Reconnectez-vous par le navigateur (dans un terminal : courrier authorize et l’adresse).
        }
# $page : une page pour l'administrateur, ou « none »
error-oauth-admin_consent = Votre organisation doit approuver Courrier avant que vous puissiez utiliser cette boîte.
    .remedy =
        { $page ->
            [none] Demandez à l’administrateur de votre organisation d’approuver Courrier pour la messagerie, puis reconnectez-vous.
           *[other] Envoyez ce lien à l’administrateur de votre organisation, et reconnectez-vous une fois Courrier approuvé : { $page }
        }
error-oauth-denied = L’accord n’a pas été donné chez { $provider }.
    .remedy = Si c’était une erreur, recommencez et acceptez. Sinon, rien n’a été modifié.
error-oauth-no_refresh_token = { $provider } n’a donné qu’un accord de courte durée ; Courrier devrait bientôt vous redemander.
    .remedy = Recommencez et acceptez tout ce qui est demandé. Si cela persiste, qui gère { $provider } doit permettre l’accès hors ligne à Courrier.
error-oauth-scope_missing = Tout ce dont Courrier a besoin n’a pas été permis chez { $provider }.
    .remedy = Recommencez, et permettez la lecture comme l’envoi du courrier.
error-oauth-refused = { $provider } n’a pas accepté la réponse de sa propre page de connexion.
    .remedy = Recommencez. Si cela se reproduit, vérifiez la date et l’heure de cet ordinateur.
error-oauth-misconfigured =
    { $reason ->
        [redirect_mismatch] { $provider } ne connaît pas l’adresse à laquelle Courrier veut être rappelé.
        [unknown_application] Votre organisation ne connaît pas l’identifiant client de Courrier.
        [personal_account] Un compte personnel ne peut pas servir avec cet identifiant client.
        [secret_demanded] L’identifiant client de Courrier est enregistré comme site web et non comme logiciel pour ordinateurs.
       *[other] { $provider } n’est pas configuré pour Courrier, ou l’identifiant client est faux.
    }
    .remedy = Vérifiez l’identifiant client et son enregistrement ; qui l’a enregistré le peut. Le journal de Courrier dit ce que { $provider } a répondu.
error-oauth-unreachable = { $provider } ne répond pas.
    .remedy = Vérifiez le réseau, puis réessayez. Personne n’a besoin de se reconnecter pour autant.
error-input-issuer = Ce n’est pas l’adresse d’un service de connexion utilisable ici.
    .remedy = Écrivez-la comme https://id.example.org/realms/office. Elle doit être chiffrée, et n’être celle d’aucun autre fournisseur.

# Pourquoi un fournisseur demande la personne, ou ne nous connaît pas : une phrase chacun
oauth-reason-consent = Quelque chose dont Courrier a besoin n’a pas été permis.
oauth-reason-admin_consent = L’administrateur de votre organisation doit approuver Courrier.
oauth-reason-idle = La connexion est restée trop longtemps inutilisée.
oauth-reason-sign_in_frequency = Votre organisation demande une nouvelle connexion de temps en temps.
oauth-reason-expired = La connexion a expiré.
oauth-reason-revoked = Le mot de passe a changé, ou l’accès a été retiré.
oauth-reason-second_factor = Une seconde preuve que c’est bien vous est demandée.
oauth-reason-conditional_access = Les règles de votre organisation ne permettent pas cette connexion.
oauth-reason-scopes_mixed = Des permissions ont été demandées qui ne vont pas ensemble.
oauth-reason-redirect_mismatch = L’adresse de rappel n’est pas enregistrée.
oauth-reason-personal_account = Un compte personnel ne peut pas servir ici.
oauth-reason-unknown_application = Votre organisation ne connaît pas l’identifiant client de Courrier.
oauth-reason-secret_demanded = L’identifiant client est enregistré comme site web.
# $url : où l'administrateur approuve
oauth-admin_text = Merci d’approuver le logiciel de messagerie Courrier pour notre organisation chez { $provider }. Il demande à lire et à envoyer le courrier de chacun par IMAP et SMTP, et garde la connexion sur l’ordinateur de cette personne. À approuver ici : { $url } (ensuite, le navigateur cherche une page sur votre propre ordinateur et ne la trouve peut-être pas : c’est normal)

# $provider : l'hôte de la page
cli-authorize-browser = En attente de votre connexion chez { $provider } dans le navigateur…
cli-authorized = { $address } est connecté.
cli-authorize-next = Ensuite, connectez-vous par le navigateur : courrier authorize { $address }
cli-authorize-instead = Ajoutez-le avec --unchecked, puis connectez-vous par le navigateur : courrier authorize { $address }
cli-settling = Fin en cours : le nouvel accès d’un compte doit être enregistré avant que Courrier se termine…
cli-unkept = Le nouvel accès d’un compte n’a pas pu être enregistré. Il faudra peut-être le reconnecter : courrier authorize
label-tokens = Connecté
# $consented : qui s'est connecté ; $provider : où
cli-tokens-working = en tant que { $consented } chez { $provider }
cli-tokens-nobody = chez { $provider }
label-renewed = Renouvelé
label-sign_in_by = À refaire avant

## Ce que le bureau montre quand aucune fenêtre n’est regardée : la zone de notification et les notifications

attention-none = Rien à faire
# $address : l’adresse du compte
attention-account = { $address } doit se reconnecter
# $count : autant de comptes
attention-accounts = { $count } comptes doivent se reconnecter
attention-problems =
    { $count ->
        [one] Un compte ne fonctionne pas
       *[other] { $count } comptes ne fonctionnent pas
    }
attention-detail = D’ici là, les logiciels de messagerie n’ont plus accès à la boîte.
attention-sign_in = Se reconnecter
attention-sign_in_as = Se reconnecter avec { $address }
attention-look = Voir
tray-open = Ouvrir Courrier
tray-quit = Quitter Courrier
