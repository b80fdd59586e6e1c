### The window's words. `words.ftl` beside it has those of problems and remedies, shared with the command line.

## Rooms and the frame

rooms = Rooms
room-accounts = Accounts
room-add = Add an address
room-devices = Devices
room-settings = Settings
starting = Opening Courrier
start-failed-kept = Nothing was changed or deleted.
try-again = Try again
messages = Messages
dismiss = Dismiss
failure-internal = Something went wrong inside Courrier.
failure-internal-remedy = Try again. If it comes back, report it with what you did just before.
cancel = Cancel
save = Save
copy = Copy
copied = Copied
change = Change
hide = Hide
look-again = Look again
look = Look
loading = Fetching…
nothing = nothing
became = became
back = Back
open-page = Open the page

## List of accounts

search = Search
search-accounts = Search accounts
search-none = No account matches “{ $query }”.
add = Add
add-account = Add an account
account-count =
    { $count ->
        [one] { $count } account
       *[other] { $count } accounts
    }
last-checked = checked { $when }
offline-since = Offline since { $time }
check-all = Check all
checking-all =
    { $total ->
        [one] { $done } of { $total } account checked
       *[other] { $done } of { $total } accounts checked
    }
empty-title = No account yet
empty-text = Add a mail address, and it appears here.
fetching-accounts = Fetching your accounts…

## States in a word

label-works = Works
label-works-with-warning = Attention
label-failed = Failed
label-checking = Checking…
label-unchecked = Not checked
label-paused = Paused
label-sign-in = Sign in
label-password = Password
label-no-password = No password
label-offline = Offline
label-certificate = Certificate
label-keyring = Keyring
label-sign-in-problem = Sign-in
label-connection = Connection
label-encryption = Encryption
label-mailbox = Mailbox
label-sender = Sender
label-server = Server

## An account

primary = primary
travels = Travels
only-here = This computer only
account-waits = Waits to be sent
conflict-unseen = A change was set aside
more = More
make-primary = Make primary
copy-address = Copy address
address-copied = Address copied.
remove = Remove account
removed = { $address } was removed.
removed-detail = Its password goes from this computer when this message does.
undo = Undo
tab-health = Health
tab-settings = Settings
tab-credentials = Credentials
tab-history = History
tab-elsewhere = Use elsewhere
when-yesterday = yesterday at { $time }
when-day = { $day } at { $time }

## Health

check-again = Check again
check-now = Check now
cancel-check = Stop
cancelling = Stopping…
checking = Checking…
unchecked-title = Not checked yet
unchecked-changed = Not checked since the settings changed
unchecked-text = Courrier connects to both servers and signs in. It sends and changes nothing.
sign-in-needed = { $provider } wants you to sign in again
sign-in-needed-text = Until then mail programs get no access to this mailbox. Everything else stays as it is.
sign-in-missing = Not signed in at { $provider } on this computer
sign-in-missing-text = Sign in there once in your browser. No password is typed here.
sign-in-again-do = Sign in again
worked-until = It last worked { $when }.
still-works =
    { $side ->
        [imap] Receiving still works.
       *[smtp] Sending still works.
    }
change-settings = Change settings
copy-report = Copy report
past-checks = Recent checks
past-ok = Receiving and sending work
past-all =
    { $count ->
        [one] Show { $count } check
       *[other] Show all { $count } checks
    }
side-receiving = Receiving
side-sending = Sending
tokens-title = Access through the browser
tokens-provider = Granted by
tokens-consented = Signed in as
tokens-refreshed = Last renewed
tokens-renews = Next renewal
# $provider: who gives the access
tokens-renews-soon = As soon as { $provider } answers
tokens-sign-in-by = Sign in again by
tokens-unless-used = { $date }, unless it is used before
unkept-title = Fresh access can’t be stored
unkept-text = It is kept in memory, and storing is tried again and again. Do not close Courrier before, or you have to sign in again. Is the keyring locked?
must-sign-in-account = { $address } must sign in again
must-sign-in-accounts =
    { $count ->
        [one] { $count } account must sign in again
       *[other] { $count } accounts must sign in again
    }
must-sign-in-detail = Until then mail programs get no access to the mailbox.
account-works-again = { $address } works again.
stages-show = Show every step
stages-hide = Hide the steps

## Stages, as facts and while they run

stage-resolve = Name found
stage-connect = Connected
stage-secure = Encrypted, certificate valid
stage-greet =
    { $side ->
        [imap] IMAP server answers
       *[smtp] SMTP server answers
    }
stage-capabilities = Features known
stage-authenticate = Signed in
stage-inbox = Inbox opened
stage-sender = Sender accepted
stage-ok = passed
stage-failed = failed
stage-running = under way
stage-waiting = not reached
running-resolve = Looking up…
running-connect = Connecting…
running-secure = Encrypting…
running-greet = Greeting…
running-capabilities = Asking…
running-authenticate = Signing in…
running-inbox = Opening…
running-sender = Testing…
detail-addresses = Addresses
detail-address = Connected to
detail-proxy = Through proxy
detail-protocol = Protocol
detail-cipher = Cipher
detail-server = Greeting
detail-service = Answered as
detail-capabilities = Features
detail-mechanism = Mechanism
detail-messages = Messages
certificate = Certificate
certificate-subject = Holder
certificate-issuer = Issuer
certificate-names = Made for
certificate-valid = Valid
certificate-span = { $from } to { $to }

## Passwords

password = Password
password-new = New password
password-show = Show password
password-hide = Hide password
password-missing = Type the password.
password-spaces = There are spaces around the password.
password-spaces-remove = Remove spaces
password-gaps = App passwords work without the gaps.
password-gaps-remove = Remove gaps
password-saved = The password works and is saved.
password-did-not-help = This password did not work either. It was not saved.
try-password = Try this password
trying = Trying…
sending-password = Sending password

## Credentials

credentials-offline = Works offline. A copied password leaves the clipboard by itself.
user-name = User name
user-name-of =
    { $side ->
        [imap] User name, receiving
       *[smtp] User name, sending
    }
hidden = hidden
reveal = Reveal
copied-seconds = Copied · { $seconds } s
copy-server = Copy server
port-and-security = port { $port } · { $security }
copy-port = Copy port
password-not-stored = No password is stored on this computer. Type it once; it is saved if it works.
access = Access
access-at = Signs in at { $provider }; there is no password.
access-none = Not signed in on this computer; there is no password.
access-revoke = Remove access
access-revoke-title = Remove Courrier’s access at { $provider }?
access-revoke-text = Mail programs here can no longer use { $address }. The account and its mail stay. To bring it back, sign in again.
access-revoked = { $provider } no longer lets Courrier in.
access-unheard-text = Nothing was removed. It can be forgotten on this computer all the same; at the provider it then stays valid until it is removed there.
access-forget = Forget it here only
security-tls = encrypted
security-starttls = encrypted by STARTTLS
security-none = not encrypted

## Use elsewhere

helper-title = Password for other programs
helper-text = Programs that can run a command for a password get it with this line. It is read from where Courrier keeps it, each time anew.
helper-title-tokens = Access for other programs
helper-text-tokens = Programs that can run a command for a token get a fresh one with this line, each time they ask.
helper-places = Where the line goes:

## Settings of an account

settings-person = Account
settings-servers = Servers
settings-password = Password
name = Name
name-hint = How it is called here.
address = Address
color = Colour
color-number = Colour { $number }
color-own = Another colour
primary-choice = Primary account
primary-hint = To hand this on, make another account the primary one.
server = Server
server-missing = Type the server’s name.
port = Port
port-invalid = 1 to 65535
encryption = Encryption
choice-tls = TLS
choice-starttls = STARTTLS
choice-none = None
not-encrypted = Everybody on the way can read along, the password too.
no-sign-in = Sending needs no sign-in
password-keep = Leave empty to keep the present one.
sending-password-new = New sending password
sending-password-hint = Only if sending uses another one.
identities = Also sends as
identities-text = Other addresses that this account may write from.
identity-add = Add an address
identity-remove = Remove this address
unsaved = Not saved yet
not-saved = Nothing was saved.
will-check = Checked before it is saved.
revert = Discard
saving = Saving…
saved = Saved.
check-and-save = Check and save
save-unchecked = Save without checking

## Signing in to the organisation

first-title = Welcome to Courrier
first-text = Where should your mail accounts live?
first-organisation = Sign in to your organisation
first-organisation-text = Its server carries your accounts to every computer you use. Passwords stay where you typed them.
first-only-here = Only this computer
first-only-here-text = Everything stays here. No server but your mail provider’s is asked.
first-later = Either can become the other later, in Settings. Nothing is lost.
sign-in-title = Sign in to your organisation
sign-in-text = Its server carries your accounts’ settings to every computer you use. Passwords stay where you typed them.
sign-in-again = Sign in again
sign-in-again-text = What you changed meanwhile is kept here and goes out afterwards.
sign-in-instead = Sign in to your organisation instead
sign-in-to-organisation = Sign in…
sign-in-server = Server address
sign-in-server-placeholder = courrier.example.org
sign-in-server-hint = Your organisation gives you this address.
sign-in-server-missing = Type the server’s address, such as courrier.example.org.
sign-in-pick-later = You choose afterwards which of the accounts on this computer travel.
sign-in-continue = Continue in browser
sign-in-with-code = Use a code
sign-in-use-browser = Use the browser
sign-in-waiting-title = Continue in your browser
sign-in-waiting-text = Your organisation’s sign-in page opens there. When you are done, Courrier goes on by itself.
sign-in-waiting = Waiting for your sign-in at { $server }…
sign-in-open-again = Open the browser again
sign-in-copy-address = Copy the address
sign-in-paste-title = Did the browser not come back?
sign-in-paste = Address line of the browser
sign-in-paste-text = After signing in, copy the whole address line and paste it here.
sign-in-paste-missing = Paste the address line of the browser.
sign-in-paste-do = Go on
sign-in-code-instead = No browser on this computer?
sign-in-code-title = Sign in with a code
sign-in-code-text = Open this page on any device, a phone for example, and type the code there.
sign-in-code-page = Page
sign-in-code = Code
sign-in-code-asking = Asking { $server } for a code…
sign-in-code-waiting = Waiting until you have signed in there. The code works until { $when }.
consent-waiting-text = { $provider }’s page opens there for { $address }. Sign in and allow Courrier to read and send mail; it then goes on by itself.
consent-failed-title = Sign in as { $address }
other-address-title = Somebody else signed in
other-address-right = Sign in as { $address }
other-address-right-text = The browser opens again. If it signs you in by itself, sign out there first.
other-address-use = Use it anyway
other-address-use-text = Right for a shared mailbox, or one that you look after for somebody else.
issuer = Sign-in service
issuer-placeholder = https://id.example.org
issuer-hint = Its address, from whoever runs your mail server.
client-id-hint = Only if they gave you one.
admin-copy = Copy the request
admin-open = Approval page
client-id = Client id
client-id-missing = Paste the client id.
client-id-text = { $provider } lets programs in by a client id. Register one of your own there, as a program for computers.
client-id-page = Open the registration page
client-secret = Client secret
client-secret-hint = Only if the provider showed one beside the id.
client-secret-missing = { $provider } shows a secret beside the client id. Paste it, too.
client-secret-kept = Leave it empty to keep the one that is stored.
client-id-own = Use the browser, with a client id of your own…
client-id-use-own = Use your own…
client-id-remove = Remove
choose-title = Which accounts travel?
choose-text = Those you choose appear on your other computers, without their passwords. The others stay on this computer only.
choose-count =
    { $count ->
        [one] { $count } of { $total } travels
       *[other] { $count } of { $total } travel
    }
choose-all = Choose all
choose-none = Choose none
choose-done = Continue
signed-in-as = Signed in as { $name }
travelling-count =
    { $count ->
        [one] { $count } account travels with you.
       *[other] { $count } accounts travel with you.
    }
needing-person =
    { $count ->
        [one] { $count } still needs you on this computer.
       *[other] { $count } still need you on this computer.
    }
nothing-missing = Nothing is missing on this computer.
none-travels = No account travels yet. Those you add from now on do.
to-accounts = Go to accounts

## What travels

sync-up-to-date = Synced
sync-working = Syncing…
sync-waiting =
    { $count ->
        [one] { $count } change waits
       *[other] { $count } changes wait
    }
sync-offline = Server not reachable
sync-offline-waiting =
    { $count ->
        [one] { $count } change waits for the network
       *[other] { $count } changes wait for the network
    }
sync-offline-text = Everything works meanwhile, and goes out by itself.
sync-failed = Not synced
sync-last = Last synced { $when }.
sync-now = Sync now
must-sign-in-text = Your accounts stay here, but no longer follow your other devices.
must-sign-in-waiting =
    { $count ->
        [one] { $count } change stays here until then.
       *[other] { $count } changes stay here until then.
    }
conflicts-unseen =
    { $count ->
        [one] { $count } change was set aside
       *[other] { $count } changes were set aside
    }
conflicts-text = Two devices changed the same thing. You can put yours back.
other-devices = Your other devices
only-here-choice = Keep this account on this computer only
only-here-would = If you tick this, the account leaves the server and your other devices. Here nothing changes. It takes effect at once.
only-here-is = The account is known to this computer alone. Untick this, and it travels, without its password. It takes effect at once.

## History

history-title = Versions
history-text = What was changed, here and on your other devices. Putting a version back is a new change: nothing is lost.
history-none = Nothing has changed yet
history-none-text = Each change of this account appears here and can be undone.
version-added = Added
version-edited = Changed
version-received = Changed on another device
version-received-from = Changed on { $device }
version-conflict = Your change was set aside
version-restored = An earlier version was put back
version-removed = Removed
version-current = Current
version-new = New
group-order = Order
restore = Restore
restored = This version stands again.
conflict-put-back = Put mine back
conflict-yours = Yours:
conflict-stands = Stands now:
conflict-about = Another device changed the same thing first, so that its change stands.

## Devices

devices-text = The computers that have your accounts. Revoke one that is lost or given away.
devices-signed-out = Devices appear once you are signed in to your organisation.
devices-must-sign-in = The list can be seen and changed once you are signed in.
devices-as-of = As it was { $when }.
devices-only-one = This is the only one so far.
device-joined = { $device } has signed in as you
device-joined-text = If this was not you, revoke it and change your password.
device-joined-look = Show devices
devices-active = In use
devices-revoked = Revoked
device-current = This computer
device-since = since { $date }
device-here-now = Here now
device-last-seen = Last seen { $when }
device-until = signed in until { $date }
device-revoked = Revoked { $when }
device-rename = Rename
device-name = Name of the device
device-name-missing = Type a name.
platform-other = Computer
revoke = Revoke
revoke-title = Revoke { $device }?
revoke-text = It is signed out at once and gets no more changes. What it already has stays on it. This can’t be undone; to come back, it signs in as a new device.
audit-title = What was done from where
audit-none = Nothing yet.
audit-what = What
audit-device = Device
audit-address = Network address
audit-when = When
audit-more = Show earlier
audit-sign-in = Signed in
audit-sign-out = Signed out
audit-device-registered = Device added
audit-device-renamed = Device renamed
audit-device-revoked = Device revoked
audit-device-refused = A revoked device was turned away
audit-account-added = Account added
audit-account-changed = Account changed
audit-account-removed = Account removed
audit-preferences-changed = Preferences changed

## Add

add-first-title = Welcome to Courrier
add-first-text = Add your first mail address. Courrier proves that it works before it saves.
add-title = Add a mail address
add-text = Courrier proves that receiving and sending work before it saves.
address-placeholder = name@example.org
address-exists = This address is already here. Saving updates it.
found-source = known settings of { $provider } · encrypted
found-existing = the settings it has now
provider-unknown = This provider is not among those Courrier knows. Its help pages name the servers.
app-password = App password
app-password-title = { $provider } wants an app password
app-password-text = Your own password does not work in mail programs. Make an app password on the provider’s page and paste it here.
app-password-and-imap-text = Switch IMAP on in the provider’s settings, make an app password there, and paste it here.
app-password-page = Make an app password
imap-off-title = { $provider } keeps receiving off at first
imap-off-text = Switch IMAP on in the provider’s settings once, then go on here.
oauth-title = { $provider } signs people in through the browser only
oauth-text = Courrier needs a client id for that, and this one came without. Your organisation’s server can give it one, or you register your own.
browser-text = Sign in at { $provider } in your browser; no password is typed here.
browser-text-unknown = Sign in at your provider in your browser; no password is typed here.
browser-or-app-password = Use an app password instead
browser-or-password = Use a password instead
browser-instead = Continue in the browser instead
two-passwords = Sending uses another password
save-account = Save account
update-account = Update account
account-saved = { $address } works and is saved.
account-saved-unchecked = { $address } is saved, without a check.

## Settings

settings-server = Server
only-this-computer = Only this computer
only-this-computer-about = Sign in to your organisation, and the accounts you choose follow you to your other computers.
signed-in-admin = You are an administrator of Courrier there.
sign-out-begin = Sign out…
sign-out = Sign out
sign-out-question = What becomes of the accounts that travel?
sign-out-keep = Keep them on this computer
sign-out-keep-text = They stay with their passwords, as accounts of this computer only.
sign-out-remove = Remove them from this computer
sign-out-remove-text = They leave with their passwords. On the server and your other devices they stay.
sign-out-unheard = Your organisation’s sign-in service does not answer
sign-out-unheard-text = You can sign out on this computer all the same. There the session goes on until it expires, or until you revoke this computer from another one.
sign-out-anyway = Sign out here anyway
sign-out-loses =
    { $count ->
        [one] { $count } change has not reached the server and would be lost.
       *[other] { $count } changes have not reached the server and would be lost.
    }
settings-appearance = Appearance
language = Language
language-system = As the system
theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
settings-secrets = Passwords
storage-keyring = Kept in the system’s keyring
storage-keyring-about = Courrier’s own files hold no password.
storage-file = Kept in an encrypted file
storage-file-about = Opened with your passphrase; without it nobody can read it.
storage-ready = Ready
storage-locked = Locked
storage-absent = Not there
storage-none-yet = Not created yet
storage-show = Show where secrets are kept
keyring-locked = The keyring is locked
file-locked = The encrypted file is locked
keyring-locked-text = Passwords can be seen and used once it is unlocked. Everything else works.
file-locked-text = Passwords can be seen and used once it is opened. Everything else works.
keyring-absent = This computer has no keyring
keyring-absent-text = Passwords can’t be kept or read. Install and start a keyring service, such as GNOME Keyring or KWallet, then look again. Or keep them in an encrypted file.
keyring-none-yet = No keyring has been created yet
keyring-none-yet-text = Passwords can’t be kept or read. The system can create a keyring now; it asks you to choose a password for it. Or keep them in an encrypted file.
keyring-create = Create a keyring…
keyring-creating = Waiting for the system…
file-absent = The encrypted file is missing
file-absent-text = Passwords can’t be kept or read. Bring the file back to Courrier’s data folder, then look again. Or choose again where they are kept.
unlock = Unlock…
passphrase = Passphrase
passphrase-again = Passphrase, once more
passphrase-hint = At least { $shortest } characters. A few unrelated words are strong and easy to keep in mind.
passphrase-missing = Type the passphrase.
passphrase-short = This is too short: { $shortest } characters at least.
passphrase-differs = The two passphrases are not the same.
file-open = Open
file-opening = Opening…
file-choose = Keep passwords in an encrypted file…
file-text = Courrier asks for the passphrase once each time it starts. A lost passphrase can’t be recovered.
file-there = The file is there already; type the passphrase it was made with.
file-keep = Keep passwords in the file
file-kept = New passwords are kept in the encrypted file.
keyring-keep = Keep passwords in the system’s keyring instead
keyring-kept = New passwords are kept in the system’s keyring.
kept-before = Those stored before stay where they are.
clipboard-time = Clear the clipboard after
clipboard-time-about = Only if it still holds the password.
reveal-time = Hide a revealed password after
reveal-time-about = It is also hidden when the window is out of sight.
mail-providers = Sign-in through the browser
mail-providers-text = These providers let programs in by a client id.
client-of-organisation = The client id is your organisation’s
client-of-person = The client id is your own
client-of-build = The client id came with Courrier
client-of-nobody = No client id yet
seconds =
    { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    }
doctor = This computer
doctor-looking = Looking…
finding-keyring = Keyring
finding-database = Database
finding-clock = Clock
finding-proxy = Proxy
finding-network = Network
finding-server = Server
version = Courrier { $version }
