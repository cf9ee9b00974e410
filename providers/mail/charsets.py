"""Bytes of an email as text, by the names that charsets have in real emails.

Python knows many more codecs, and an email may ask for any of them by name: some take
minutes (``punycode``, ``idna``), some are no charsets at all (``zlib``, ``rot13``). So
only what stands in this table is ever asked for.
"""

import re

#: A codec of Python for each label: https://encoding.spec.whatwg.org/#names-and-labels
#: ASCII is left out: what calls itself so is UTF-8 as often as not. What the standard
#: does not have, but emails do, stands at the end.
CODECS = {
    "utf_8": "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "cp866": "ibm866 866 cp866 csibm866",
    "iso8859_2": "iso-8859-2 csisolatin2 iso-ir-101 iso8859-2 iso88592 iso-8859-2:1987"
    " l2 latin2 latin-2",
    "iso8859_3": "iso-8859-3 csisolatin3 iso-ir-109 iso8859-3 iso88593 iso-8859-3:1988"
    " l3 latin3 latin-3",
    "iso8859_4": "iso-8859-4 csisolatin4 iso-ir-110 iso8859-4 iso88594 iso-8859-4:1988"
    " l4 latin4 latin-4",
    "iso8859_5": "iso-8859-5 csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595"
    " iso-8859-5:1988",
    "iso8859_6": "iso-8859-6 arabic asmo-708 csiso88596e csiso88596i csisolatinarabic"
    " ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso-8859-6:1987",
    "iso8859_7": "iso-8859-7 csisolatingreek ecma-118 elot-928 greek greek8 iso-ir-126"
    " iso8859-7 iso88597 iso-8859-7:1987 sun-eu-greek",
    "iso8859_8": "iso-8859-8 csiso88598e csisolatinhebrew hebrew iso-8859-8-e"
    " iso-ir-138 iso8859-8 iso88598 iso-8859-8:1988 visual"
    " iso-8859-8-i csiso88598i logical",
    "iso8859_10": "iso-8859-10 csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6"
    " latin-6",
    "iso8859_13": "iso-8859-13 iso8859-13 iso885913 latin7 latin-7 l7",
    "iso8859_14": "iso-8859-14 iso8859-14 iso885914 latin8 latin-8 l8",
    "iso8859_15": "iso-8859-15 csisolatin9 iso8859-15 iso885915 l9 latin9 latin-9",
    "iso8859_16": "iso-8859-16 iso8859-16 iso885916 latin10 latin-10 l10",
    "koi8_r": "koi8-r cskoi8r koi koi8",
    "koi8_u": "koi8-u koi8-ru",
    "mac_roman": "macintosh csmacintosh mac x-mac-roman macroman mac-roman",
    "cp874": "windows-874 dos-874 iso-8859-11 iso8859-11 iso885911 tis-620",
    "cp1250": "windows-1250 cp1250 x-cp1250",
    "cp1251": "windows-1251 cp1251 x-cp1251",
    "cp1252": "windows-1252 cp1252 x-cp1252 iso-8859-1 iso8859-1 iso88591"
    " iso-8859-1:1987 iso-ir-100 cp819 ibm819 csisolatin1 l1 latin1 latin-1",
    "cp1253": "windows-1253 cp1253 x-cp1253",
    "cp1254": "windows-1254 cp1254 x-cp1254 iso-8859-9 csisolatin5 iso-ir-148 iso8859-9"
    " iso88599 iso-8859-9:1989 l5 latin5"
    " latin-5",
    "cp1255": "windows-1255 cp1255 x-cp1255",
    "cp1256": "windows-1256 cp1256 x-cp1256",
    "cp1257": "windows-1257 cp1257 x-cp1257",
    "cp1258": "windows-1258 cp1258 x-cp1258",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian mac-cyrillic maccyrillic",
    "gb18030": "gbk chinese csgb2312 csiso58gb231280 gb2312 gb-2312 gb-2312-80"
    " iso-ir-58 x-gbk gb18030",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc_jp": "euc-jp cseucpkdfmtjapanese x-euc-jp",
    "iso2022_jp_ext": "iso-2022-jp csiso2022jp iso-2022-jp-1 iso-2022-jp-ext",
    "cp932": "shift-jis csshiftjis ms932 ms-kanji sjis windows-31j x-sjis",
    "cp949": "euc-kr cseuckr csksc56011987 iso-ir-149 korean ks-c-5601-1987"
    " ks-c-5601-1989 ksc5601 ksc-5601 windows-949 uhc",
    "utf_16_be": "utf-16be unicodefffe",
    "utf_16_le": "utf-16le csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff",
    # Not in the standard: browsers replace or do not know them.
    "utf_16": "utf-16",
    "utf_32": "utf-32",
    "utf_32_be": "utf-32be",
    "utf_32_le": "utf-32le",
    "iso2022_jp_2": "iso-2022-jp-2 csiso2022jp2",
    "iso2022_jp_3": "iso-2022-jp-3",
    "iso2022_kr": "iso-2022-kr csiso2022kr",
    "hz": "hz-gb-2312",
    "johab": "johab cp1361 ms1361",
    "koi8_t": "koi8-t",
    "kz1048": "kz-1048 kz1048 strk1048-2002 rk1048",
    "cp437": "ibm437 cp437 437",
    "cp737": "cp737 ibm737",
    "cp775": "cp775 ibm775",
    "cp850": "ibm850 cp850 850",
    "cp852": "ibm852 cp852 852",
    "cp855": "ibm855 cp855 855",
    "cp857": "ibm857 cp857 857",
    "cp858": "cp858 ibm858 ibm00858 858",
    "cp862": "ibm862 cp862 862",
}
_BY_LABEL = {
    label: codec for codec, labels in CODECS.items() for label in labels.split()
}
_BY_LABEL |= {
    "cp932": "cp932",
    "cp936": "gb18030",
    "cp949": "cp949",
    "cp950": "big5hkscs",
}
# Control characters: a NUL cannot be stored, and the others cannot be seen.
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")


def codec(label: str) -> str:
    """The codec of Python for what an email calls its charset; empty for no such."""
    return _BY_LABEL.get(label[:50].strip().lower().replace("_", "-"), "")


def guessed(data: bytes) -> str:
    """Bytes as text if nothing, or nothing true, is said about their charset."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def read(data: bytes, label: str) -> str:
    """Bytes as text, without what cannot be seen, whatever is said of their charset."""
    name = codec(label)
    return UNSEEN.sub("", data.decode(name, "replace") if name else guessed(data))
