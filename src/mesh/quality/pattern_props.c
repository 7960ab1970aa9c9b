/*
 * pattern_props.c - the names that \p{…} may hold under the u flag, ECMA-262 22.2.1 and its tables.
 *
 * Each row holds all names of one value; the first is the one that RE2 and PCRE2 know. Names and
 * their aliases are those of Unicode 15 (PropertyValueAliases.txt).
 */
#include "quality/pattern_int.h"

/* clang-format off */
/* General_Category; the last three are not the same in RE2. */
static const str categories[] = {
    STR_INIT("Cc Control"), STR_INIT("Cf Format"), STR_INIT("Co Private_Use"),
    STR_INIT("Cs Surrogate"), STR_INIT("L Letter"), STR_INIT("Ll Lowercase_Letter"),
    STR_INIT("Lm Modifier_Letter"), STR_INIT("Lo Other_Letter"), STR_INIT("Lt Titlecase_Letter"),
    STR_INIT("Lu Uppercase_Letter"), STR_INIT("M Mark Combining_Mark"),
    STR_INIT("Mc Spacing_Mark"), STR_INIT("Me Enclosing_Mark"), STR_INIT("Mn Nonspacing_Mark"),
    STR_INIT("N Number"), STR_INIT("Nd Decimal_Number"), STR_INIT("Nl Letter_Number"),
    STR_INIT("No Other_Number"), STR_INIT("P Punctuation"), STR_INIT("Pc Connector_Punctuation"),
    STR_INIT("Pd Dash_Punctuation"), STR_INIT("Pe Close_Punctuation"),
    STR_INIT("Pf Final_Punctuation"), STR_INIT("Pi Initial_Punctuation"),
    STR_INIT("Po Other_Punctuation"), STR_INIT("Ps Open_Punctuation"), STR_INIT("S Symbol"),
    STR_INIT("Sc Currency_Symbol"), STR_INIT("Sk Modifier_Symbol"), STR_INIT("Sm Math_Symbol"),
    STR_INIT("So Other_Symbol"), STR_INIT("Z Separator"), STR_INIT("Zl Line_Separator"),
    STR_INIT("Zp Paragraph_Separator"), STR_INIT("Zs Space_Separator"), STR_INIT("C Other"),
    STR_INIT("Cn Unassigned"), STR_INIT("LC Cased_Letter"),
};

/* Script and Script_Extensions; the last one is not known to RE2. */
static const str scripts[] = {
    STR_INIT("Adlam Adlm"), STR_INIT("Caucasian_Albanian Aghb"), STR_INIT("Ahom"),
    STR_INIT("Arabic Arab"), STR_INIT("Imperial_Aramaic Armi"), STR_INIT("Armenian Armn"),
    STR_INIT("Avestan Avst"), STR_INIT("Balinese Bali"), STR_INIT("Bamum Bamu"),
    STR_INIT("Bassa_Vah Bass"), STR_INIT("Batak Batk"), STR_INIT("Bengali Beng"),
    STR_INIT("Bhaiksuki Bhks"), STR_INIT("Bopomofo Bopo"), STR_INIT("Brahmi Brah"),
    STR_INIT("Braille Brai"), STR_INIT("Buginese Bugi"), STR_INIT("Buhid Buhd"),
    STR_INIT("Chakma Cakm"), STR_INIT("Canadian_Aboriginal Cans"), STR_INIT("Carian Cari"),
    STR_INIT("Cham"), STR_INIT("Cherokee Cher"), STR_INIT("Chorasmian Chrs"),
    STR_INIT("Coptic Copt Qaac"), STR_INIT("Cypro_Minoan Cpmn"), STR_INIT("Cypriot Cprt"),
    STR_INIT("Cyrillic Cyrl"), STR_INIT("Devanagari Deva"), STR_INIT("Dives_Akuru Diak"),
    STR_INIT("Dogra Dogr"), STR_INIT("Deseret Dsrt"), STR_INIT("Duployan Dupl"),
    STR_INIT("Egyptian_Hieroglyphs Egyp"), STR_INIT("Elbasan Elba"), STR_INIT("Elymaic Elym"),
    STR_INIT("Ethiopic Ethi"), STR_INIT("Georgian Geor"), STR_INIT("Glagolitic Glag"),
    STR_INIT("Gunjala_Gondi Gong"), STR_INIT("Masaram_Gondi Gonm"), STR_INIT("Gothic Goth"),
    STR_INIT("Grantha Gran"), STR_INIT("Greek Grek"), STR_INIT("Gujarati Gujr"),
    STR_INIT("Gurmukhi Guru"), STR_INIT("Hangul Hang"), STR_INIT("Han Hani"),
    STR_INIT("Hanunoo Hano"), STR_INIT("Hatran Hatr"), STR_INIT("Hebrew Hebr"),
    STR_INIT("Hiragana Hira"), STR_INIT("Anatolian_Hieroglyphs Hluw"),
    STR_INIT("Pahawh_Hmong Hmng"), STR_INIT("Nyiakeng_Puachue_Hmong Hmnp"),
    STR_INIT("Old_Hungarian Hung"), STR_INIT("Old_Italic Ital"), STR_INIT("Javanese Java"),
    STR_INIT("Kayah_Li Kali"), STR_INIT("Katakana Kana"), STR_INIT("Kharoshthi Khar"),
    STR_INIT("Khmer Khmr"), STR_INIT("Khojki Khoj"), STR_INIT("Khitan_Small_Script Kits"),
    STR_INIT("Kannada Knda"), STR_INIT("Kaithi Kthi"), STR_INIT("Tai_Tham Lana"),
    STR_INIT("Lao Laoo"), STR_INIT("Latin Latn"), STR_INIT("Lepcha Lepc"), STR_INIT("Limbu Limb"),
    STR_INIT("Linear_A Lina"), STR_INIT("Linear_B Linb"), STR_INIT("Lisu"),
    STR_INIT("Lycian Lyci"), STR_INIT("Lydian Lydi"), STR_INIT("Mahajani Mahj"),
    STR_INIT("Makasar Maka"), STR_INIT("Mandaic Mand"), STR_INIT("Manichaean Mani"),
    STR_INIT("Marchen Marc"), STR_INIT("Medefaidrin Medf"), STR_INIT("Mende_Kikakui Mend"),
    STR_INIT("Meroitic_Cursive Merc"), STR_INIT("Meroitic_Hieroglyphs Mero"),
    STR_INIT("Malayalam Mlym"), STR_INIT("Modi"), STR_INIT("Mongolian Mong"),
    STR_INIT("Mro Mroo"), STR_INIT("Meetei_Mayek Mtei"), STR_INIT("Multani Mult"),
    STR_INIT("Myanmar Mymr"), STR_INIT("Nandinagari Nand"), STR_INIT("Old_North_Arabian Narb"),
    STR_INIT("Nabataean Nbat"), STR_INIT("Newa"), STR_INIT("Nko Nkoo"), STR_INIT("Nushu Nshu"),
    STR_INIT("Ogham Ogam"), STR_INIT("Ol_Chiki Olck"), STR_INIT("Old_Turkic Orkh"),
    STR_INIT("Oriya Orya"), STR_INIT("Osage Osge"), STR_INIT("Osmanya Osma"),
    STR_INIT("Old_Uyghur Ougr"), STR_INIT("Palmyrene Palm"), STR_INIT("Pau_Cin_Hau Pauc"),
    STR_INIT("Old_Permic Perm"), STR_INIT("Phags_Pa Phag"),
    STR_INIT("Inscriptional_Pahlavi Phli"), STR_INIT("Psalter_Pahlavi Phlp"),
    STR_INIT("Phoenician Phnx"), STR_INIT("Miao Plrd"), STR_INIT("Inscriptional_Parthian Prti"),
    STR_INIT("Rejang Rjng"), STR_INIT("Hanifi_Rohingya Rohg"), STR_INIT("Runic Runr"),
    STR_INIT("Samaritan Samr"), STR_INIT("Old_South_Arabian Sarb"), STR_INIT("Saurashtra Saur"),
    STR_INIT("SignWriting Sgnw"), STR_INIT("Shavian Shaw"), STR_INIT("Sharada Shrd"),
    STR_INIT("Siddham Sidd"), STR_INIT("Khudawadi Sind"), STR_INIT("Sinhala Sinh"),
    STR_INIT("Sogdian Sogd"), STR_INIT("Old_Sogdian Sogo"), STR_INIT("Sora_Sompeng Sora"),
    STR_INIT("Soyombo Soyo"), STR_INIT("Sundanese Sund"), STR_INIT("Syloti_Nagri Sylo"),
    STR_INIT("Syriac Syrc"), STR_INIT("Tagbanwa Tagb"), STR_INIT("Takri Takr"),
    STR_INIT("Tai_Le Tale"), STR_INIT("New_Tai_Lue Talu"), STR_INIT("Tamil Taml"),
    STR_INIT("Tangut Tang"), STR_INIT("Tai_Viet Tavt"), STR_INIT("Telugu Telu"),
    STR_INIT("Tifinagh Tfng"), STR_INIT("Tagalog Tglg"), STR_INIT("Thaana Thaa"),
    STR_INIT("Thai"), STR_INIT("Tibetan Tibt"), STR_INIT("Tirhuta Tirh"), STR_INIT("Tangsa Tnsa"),
    STR_INIT("Toto"), STR_INIT("Ugaritic Ugar"), STR_INIT("Vai Vaii"), STR_INIT("Vithkuqi Vith"),
    STR_INIT("Warang_Citi Wara"), STR_INIT("Wancho Wcho"), STR_INIT("Old_Persian Xpeo"),
    STR_INIT("Cuneiform Xsux"), STR_INIT("Yezidi Yezi"), STR_INIT("Yi Yiii"),
    STR_INIT("Zanabazar_Square Zanb"), STR_INIT("Inherited Zinh Qaai"), STR_INIT("Common Zyyy"),
    STR_INIT("Zzzz Unknown"),
};

/* Binary properties, table 67: each name stands alone. */
static const str binaries[] = {
    STR_INIT("ASCII"), STR_INIT("AHex"), STR_INIT("ASCII_Hex_Digit"), STR_INIT("Alpha"),
    STR_INIT("Alphabetic"), STR_INIT("Any"), STR_INIT("Assigned"), STR_INIT("Bidi_C"),
    STR_INIT("Bidi_Control"), STR_INIT("Bidi_M"), STR_INIT("Bidi_Mirrored"), STR_INIT("CI"),
    STR_INIT("Case_Ignorable"), STR_INIT("Cased"), STR_INIT("CWCF"),
    STR_INIT("Changes_When_Casefolded"), STR_INIT("CWCM"), STR_INIT("Changes_When_Casemapped"),
    STR_INIT("CWL"), STR_INIT("Changes_When_Lowercased"), STR_INIT("CWKCF"),
    STR_INIT("Changes_When_NFKC_Casefolded"), STR_INIT("CWT"),
    STR_INIT("Changes_When_Titlecased"), STR_INIT("CWU"), STR_INIT("Changes_When_Uppercased"),
    STR_INIT("Dash"), STR_INIT("DI"), STR_INIT("Default_Ignorable_Code_Point"), STR_INIT("Dep"),
    STR_INIT("Deprecated"), STR_INIT("Dia"), STR_INIT("Diacritic"), STR_INIT("Emoji"),
    STR_INIT("EComp"), STR_INIT("Emoji_Component"), STR_INIT("EMod"), STR_INIT("Emoji_Modifier"),
    STR_INIT("EBase"), STR_INIT("Emoji_Modifier_Base"), STR_INIT("EPres"),
    STR_INIT("Emoji_Presentation"), STR_INIT("ExtPict"), STR_INIT("Extended_Pictographic"),
    STR_INIT("Ext"), STR_INIT("Extender"), STR_INIT("Gr_Base"), STR_INIT("Grapheme_Base"),
    STR_INIT("Gr_Ext"), STR_INIT("Grapheme_Extend"), STR_INIT("Hex"), STR_INIT("Hex_Digit"),
    STR_INIT("IDSB"), STR_INIT("IDS_Binary_Operator"), STR_INIT("IDST"),
    STR_INIT("IDS_Trinary_Operator"), STR_INIT("IDC"), STR_INIT("ID_Continue"), STR_INIT("IDS"),
    STR_INIT("ID_Start"), STR_INIT("Ideo"), STR_INIT("Ideographic"), STR_INIT("Join_C"),
    STR_INIT("Join_Control"), STR_INIT("LOE"), STR_INIT("Logical_Order_Exception"),
    STR_INIT("Lower"), STR_INIT("Lowercase"), STR_INIT("Math"), STR_INIT("NChar"),
    STR_INIT("Noncharacter_Code_Point"), STR_INIT("Pat_Syn"), STR_INIT("Pattern_Syntax"),
    STR_INIT("Pat_WS"), STR_INIT("Pattern_White_Space"), STR_INIT("QMark"),
    STR_INIT("Quotation_Mark"), STR_INIT("Radical"), STR_INIT("RI"),
    STR_INIT("Regional_Indicator"), STR_INIT("STerm"), STR_INIT("Sentence_Terminal"),
    STR_INIT("SD"), STR_INIT("Soft_Dotted"), STR_INIT("Term"), STR_INIT("Terminal_Punctuation"),
    STR_INIT("UIdeo"), STR_INIT("Unified_Ideograph"), STR_INIT("Upper"), STR_INIT("Uppercase"),
    STR_INIT("VS"), STR_INIT("Variation_Selector"), STR_INIT("space"), STR_INIT("White_Space"),
    STR_INIT("XIDC"), STR_INIT("XID_Continue"), STR_INIT("XIDS"), STR_INIT("XID_Start"),
};

/* clang-format on */

enum { RE2_CATEGORIES_NOT = 3, RE2_SCRIPTS_NOT = 1 };

/* True when one of the blank-separated names of `row` is `name`; *first is the row's first name. */
static bool row_has(str row, str name, str *first)
{
    str  rest     = row, head;
    bool is_first = true, found = false;

    while (str_cut(&rest, ' ', &head)) {
        if (is_first)
            *first = head;
        is_first = false;
        found    = found || str_eq(head, name);
    }
    return found;
}

static bool find_row(const str *rows, size_t count, str name, size_t *at, str *first)
{
    for (size_t i = 0; i < count; i++)
        if (row_has(rows[i], name, first)) {
            *at = i;
            return true;
        }
    return false;
}

static bool find_category(str name, struct pattern_property *out)
{
    size_t at;
    str    first = STR_NONE;

    if (!find_row(categories, COUNT_OF(categories), name, &at, &first))
        return false;
    out->pcre2_prefix = STR_NONE;
    out->name         = str_eq(first, S("LC")) ? S("L&") : first;
    out->has_pcre2    = true;
    out->has_re2      = at < COUNT_OF(categories) - RE2_CATEGORIES_NOT;
    return true;
}

static bool find_script(str name, bool is_extended, struct pattern_property *out)
{
    size_t at;
    str    first = STR_NONE;

    if (!find_row(scripts, COUNT_OF(scripts), name, &at, &first))
        return false;
    out->pcre2_prefix = is_extended ? S("scx:") : S("sc:");
    out->name         = first;
    out->has_pcre2    = true;
    out->has_re2      = !is_extended && at < COUNT_OF(scripts) - RE2_SCRIPTS_NOT;
    return true;
}

bool pattern_property_find(str text, struct pattern_property *out)
{
    str    key, value, first;
    size_t at;

    if (str_split(text, '=', &key, &value)) {
        if (str_eq(key, S("General_Category")) || str_eq(key, S("gc")))
            return find_category(value, out);
        if (str_eq(key, S("Script")) || str_eq(key, S("sc")))
            return find_script(value, false, out);
        if (str_eq(key, S("Script_Extensions")) || str_eq(key, S("scx")))
            return find_script(value, true, out);
        return false;
    }
    if (find_category(text, out))
        return true;
    if (!find_row(binaries, COUNT_OF(binaries), text, &at, &first))
        return false;
    out->pcre2_prefix = STR_NONE;
    out->name         = first;
    out->has_re2      = str_eq(first, S("Any"));
    out->has_pcre2 =
        !str_eq(first, S("CWKCF")) && !str_eq(first, S("Changes_When_NFKC_Casefolded"));
    return true;
}

str pattern_property_name(size_t index)
{
    static const struct {
        const str *rows;
        size_t     count;
    } tables[] = { { categories, COUNT_OF(categories) },
                   { scripts, COUNT_OF(scripts) },
                   { binaries, COUNT_OF(binaries) } };

    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        if (index < tables[i].count)
            return tables[i].rows[index];
        index -= tables[i].count;
    }
    return STR_NONE;
}
