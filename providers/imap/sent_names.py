"""By which names a Sent folder goes where a server does not say which one it is."""

import re
import unicodedata
from collections.abc import Iterable

# As mail programs and providers call it; of several folders the first counts.
NAMES = (
    *("Sent", "Sent Items", "Sent Messages", "Sent Mail", "Sent-mail"),
    *("Envoyés", "Éléments envoyés", "Messages envoyés", "Courrier envoyé"),
    *("Gesendet", "Gesendete Elemente", "Gesendete Objekte", "Gesendete Nachrichten"),
    *("Enviados", "Elementos enviados", "Mensajes enviados", "Correo enviado"),
    *(
        "Itens enviados",
        "Mensagens enviadas",
        "E-mails enviados",
        "Enviadas",
        "Enviats",
    ),
    *("Inviata", "Posta inviata", "Elementi inviati", "Inviati", "Messaggi inviati"),
    *("Verzonden", "Verzonden items", "Verzonden berichten", "Skickat", "Skickade"),
    *("Sendt", "Sendte elementer", "Sendt post", "Sendte e-mails", "Lähetetyt"),
    *("Lähetetyt viestit", "Saadetud", "Nosūtītie", "Išsiųsta", "Išsiųsti laiškai"),
    *("Wysłane", "Elementy wysłane", "Odeslané", "Odeslaná pošta", "Odoslané"),
    *("Odoslaná pošta", "Elküldött", "Elküldött elemek", "Trimise", "Elemente trimise"),
    *("Poslano", "Poslane stavke", "Poslato", "Изпратени", "Отправленные"),
    *("Надіслані", "Відправлені", "Απεσταλμένα", "Gönderilmiş Öğeler", "Gönderilenler"),
    *("Gönderilmiş Postalar", "נשלח", "פריטים שנשלחו", "المرسلة", "العناصر المرسلة"),
    *("送信済み", "送信済みアイテム", "送信済みメール", "보낸 편지함", "보낸편지함"),
    *("已发送", "已发送邮件", "已傳送", "寄件備份", "Đã gửi", "จดหมายที่ส่ง", "Terkirim"),
    # Those of https://github.com/postalsys/imapflow/blob/master/lib/special-use.js and
    # of its list of today that are not on ours; without a few short ones that say
    # something else in another language ("aika" is Finnish for time).
    *(
        "Objets envoyés",
        "air a chur",
        "am post cuirte",
        "anfonwyd",
        "bidalia",
    ),
    *(
        "bidaliak",
        "bidalita",
        "bidalitakoak",
        "currieru mandatu",
        "danfonwyd",
    ),
    *(
        "dihantar",
        "e rometsweng",
        "e tindami",
        "elküldött üzenetek",
    ),
    *(
        "elküldöttek",
        "enviat",
        "ethunyelweyo",
        "expediate",
        "ezipuru",
    ),
    *(
        "ferstjoerd",
        "gesendete",
        "gestuur",
        "gönderilmiş",
        "göndərilənlər",
    ),
    *(
        "iberilen",
        "inviate",
        "išsiųsti",
        "išsiųstieji",
        "jo`natilgan xatlar",
    ),
    *(
        "jo‘natilgan",
        "kuthunyelwe",
        "küldöttek",
        "mesaje trimise",
        "naipadala",
    ),
    *(
        "nalefa",
        "napadala",
        "nosūtīts",
        "nosūtītās",
        "nosūtītās ziņas",
    ),
    *(
        "odoslaná",
        "poslana pošta",
        "poslane",
        "poslané",
        "pósłane",
        "pósłany",
    ),
    *(
        "saadetud kirjad",
        "saadetud üksused",
        "senditujo",
        "sendte",
    ),
    *(
        "sendte beskeder",
        "seolta",
        "sända poster",
        "sänt",
        "thư đã gửi",
    ),
    *(
        "ti fi ranṣẹ",
        "tramess",
        "trimis",
        "ttwaznen",
        "të dërguar",
    ),
    *(
        "të dërguara",
        "unviaos",
        "unvios fechos",
        "verschéckt",
        "vilivyotumwa",
    ),
    *(
        "şandî",
        "σταλθέντα",
        "адпраўлена",
        "жиберилген",
        "жіберілген",
    ),
    *(
        "жіберілген хаттар",
        "жіберілгендер",
        "изпратени писма",
        "илгээсэн",
    ),
    *(
        "ирсол шуд",
        "испратени",
        "испратено",
        "пасланыя",
        "послате",
        "послато",
    ),
    *(
        "пратени",
        "юборилган",
        "ուղարկուած",
        "ուղարկված",
        "נשלחו",
        "ئەۋەتىلگەن",
    ),
    *(
        "ارسال شده",
        "ارسالی",
        "البريد المرسل",
        "المرسل",
        "المُرسَل",
    ),
    *(
        "بھیجا ہوا میل",
        "بھیجے گئے",
        "سوزمژہ",
        "لېږل شوي ليکونه",
        "لېګل شوی",
    ),
    *(
        "موارد ارسال شده",
        "مُرسَل",
        "نێردراو",
        "पठईएका मेलहरु",
        "पाठवलेले",
    ),
    *(
        "पाठविले",
        "पाठविलेले",
        "प्रेषित",
        "भेजा गया",
        "भेजे गए",
        "পাঠানো হয়েছে",
    ),
    *(
        "প্রেরিত",
        "প্রেরিত(পাঠানো মেইল)",
        "প্ৰেৰিত",
        "ਭੇਜੇ",
        "મોકલેલા",
    ),
    *(
        "મોકલેલ્યા",
        "ପଠାଗଲା",
        "அனுப்பிய அஞ்சல்",
        "அனுப்பியவை",
        "పంపించబడింది",
    ),
    *(
        "ಕಳುಹಿಸಲಾದ",
        "അയച്ചവ",
        "അയച്ചു",
        "යැවු පණිවුඩ",
        "යැවූ",
        "ที่ส่งแล้ว",
    ),
    *(
        "ส่งแล้ว",
        "გაგზავნილი",
        "ዝተለኣኸ",
        "የተላኩ",
        "បានផ្ញើ",
        "សំបុត្រដែលបានបញ្ជូន",
    ),
    *(
        "已发信息",
        "已发送消息",
        "送信済みトレイ",
        "발신 메시지",
        "보냄",
    ),
    # As people call it, or programs did before.
    *("Sent Email", "Sent Emails", "Sent Message", "Sent Objects", "Enviado", "Envoyé"),
    *("Messages expédiés", "Courriels envoyés", "E-mails envoyés", "Mails envoyés"),
    *("Gesendete E-Mails", "Gesendete Mails", "Gesendete Post", "Correos enviados"),
    *("E-mail inviate", "Mail inviate", "Verstuurd", "Verstuurde berichten"),
    *("Verzonden e-mail", "Verzonden e-mails", "Verzonden mail", "Skickade objekt"),
    *("Sendte objekter", "Sendt e-post", "Wysłane wiadomości", "Отправлено"),
    *(
        "Отправленное",
        "已傳送郵件",
        "寄件备份",
        "Elements enviats",
        "Verzonden objecten",
    ),
    # Told of Orange, La Poste and Libero, which have no other folder for it. A mailbox
    # that keeps what is still to be sent on the server has one of the above, too.
    "Outbox",
)

# What else lies in a mailbox that nobody has tidied up yet. One that has other folders
# may have its Sent folder under a name that nobody has listed.
OTHERS = (
    *("Inbox", "Archive", "Archives", "Archiv", "Archivio", "Archief", "Archivo"),
    *("Draft", "Drafts", "Brouillons", "Entwürfe", "Borradores", "Bozze", "Concepten"),
    *("Rascunhos", "Kladder", "Utkast", "Luonnokset", "Kopie robocze", "Szkice"),
    *("Trash", "Bin", "Deleted", "Deleted Items", "Deleted Messages", "Corbeille"),
    *("Éléments supprimés", "Papierkorb", "Gelöscht", "Gelöschte Elemente"),
    *("Gelöschte Objekte", "Papelera", "Elementos eliminados", "Cestino", "Prullenbak"),
    *("Posta eliminata", "Elementi eliminati", "Verwijderde items", "Lixo", "Kosz"),
    *("Junk", "Junk E-mail", "Junk Email", "Spam", "Quarantine", "Bulk Mail", "Virus"),
    *("Courrier indésirable", "Indésirables", "Pourriel", "Posta indesiderata"),
    *("Unerwünscht", "Junk-E-Mail", "Spamverdacht", "Correo no deseado", "Ongewenst"),
    *("Calendar", "Contacts", "Tasks", "Notes", "Journal", "Templates", "RSS Feeds"),
    *("Sync Issues", "Conversation History", "Kalender", "Kontakte", "Aufgaben"),
    *("Notizen", "Vorlagen", "Calendrier", "Tâches", "Modèles", "Snoozed", "Scheduled"),
)


# Blanks, and what people and programs write in their place.
SEPARATORS = re.compile(r"[\s_\-\u200b]+")
ACCENTS = re.compile("[\u0300-\u036f]+")
# Latin letters that Unicode does not take for one with an accent.
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
# Without its accents, a short word is another one: "sänt" is sent, "Sant" is not.
SHORTEST = 6


def folded(name: str) -> str:
    """*name* as it is compared: whatever its case, however its words are separated, and
    with or without accents, which some servers and people leave out."""
    text = unicodedata.normalize("NFKD", SEPARATORS.sub("", name.casefold()))
    bare = ACCENTS.sub("", text).translate(LETTERS)
    return bare if len(bare) >= SHORTEST else text


def _ranks(names: Iterable[str]) -> dict[str, int]:
    """Which of the names counts before which, each also as it is written above."""
    ranked = list(reversed([*enumerate(names)]))
    written = {name.casefold(): rank for rank, name in ranked}
    return written | {folded(name): rank for rank, name in ranked}


RANKS = _ranks(NAMES)
ELSE = frozenset(map(folded, OTHERS))
