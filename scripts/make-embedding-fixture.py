#!/usr/bin/env python3
"""Writes the fixture that tests compare the embedder with: 1,000 texts, their token ids and their vectors.

    python3 -m venv VENV && VENV/bin/pip install wordllama==0.4.0.post1
    ln -s tokenizers "$(VENV/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/wordllama/tokenizer"
    VENV/bin/python scripts/make-embedding-fixture.py Tests/EmbeddingTests/Fixtures

The link makes the package find its own tokenizer (it looks in `tokenizer`, the wheel has `tokenizers`), so that it
runs offline. All numbers come from the package; the texts come from the tables and the fixed seed below, so the fixture
has no third-party licence and is reproducible.

texts.jsonl  one object per line: {"text": string, "ids": [token id]}
vectors.f16  one row of 256 little-endian half floats per text, unit length; all zeros for a text without tokens
"""

import json
import pathlib
import random
import sys

import numpy as np
from wordllama import WordLlama

COUNT = 1000
rng = random.Random(20240229)

WORDS = {
    "english": "pack horse market bridle salt wool bell train drover ford moor lantern toll ledger miller inn bridge "
    "saddle the a of and over under with before Tuesday carried weighed sold bought slowly because",
    "german": "Saumpferd Markt Straße Glöckchen Salz über größer Brücke Wirtshaus Zölle während heißt Käse süß und",
    "french": "cheval marché forêt sœur à déjà garçon où l'été naïve châtaigne hôtel œuvre même être",
    "spanish": "caballo año mañana feria montaña pingüino ¿cuándo? ¡señal! corazón niño camino sal",
    "polish": "koń jarmark żółty źródło śnieg łąka gęś ćma sól dzień wóz",
    "turkish": "ığdır İstanbul çarşı köprü güneş yağmur şeker öküz tuz",
    "vietnamese": "ngựa chợ đường muối người những được trời nước cầu",
    "czech": "kůň tržiště příliš žluťoučký most řeka sůl děti včera",
    "russian": "лошадь рынок соль мост караван дорога тяжёлый подъезд ещё съел и в на не мельница",
    "ukrainian": "кінь ринок сіль міст їжак ґанок здоров'я щоденник",
    "greek": "άλογο αγορά γέφυρα αλάτι δρόμος ή ύδωρ ώρα πανηγύρι Ελλάδα ϊ",
    "greek polytonic": "ἵππος ἀγορά γέφυρα ὕδωρ ὁδός ἡμέρα ᾠδή ῥόδον ή ά ό",
    "arabic": "حصان سوق ملح جسر قافلة طريق السوق الخيل اليوم مَلِح ثلاثة",
    "persian": "اسب بازار نمک پل کاروان راه گچ ژرف می‌روم",
    "hebrew": "סוס שוק מלח גשר דרך שַׁבָּת היום שלושה",
    "hindi": "घोड़ा बाज़ार नमक पुल रास्ता क्षेत्र ज्ञान श्री हैं",
    "bengali": "ঘোড়া বাজার লবণ সেতু রাস্তা",
    "tamil": "குதிரை சந்தை உப்பு பாலம் வழி",
    "thai": "ม้า ตลาด เกลือ สะพาน ทาง วันนี้ น้ำ ที่",
    "korean": "말 시장 소금 다리 길 오늘 값 읽다 뷁 안녕하세요",
    "japanese": "馬 市場 塩 橋 道 うま いちば しお カタカナ ﾊﾝｶｸ 今日は です。 ました、",
    "chinese": "馬幫 市場 鹽 橋 马帮 市场 盐 桥 路 今天 我們 还 收 𠮷 㐀",
    "georgian": "ცხენი ბაზარი მარილი ხიდი",
    "armenian": "ձի շուկա աղ կամուրջ",
    "amharic": "ፈረስ ገበያ ጨው ድልድይ",
    "khmer": "សេះ ផ្សារ អំបិល ស្ពាន",
    "emoji": "🐴 🧂 🏔️ 👩‍🌾 🇨🇭 👍🏽 ❤️ 🛖 ☃ ✓ 🤷🏿‍♂️",
    "code": "let func->run(x) if(a<=b){return;} #include<stdio.h> foo_bar[3]+=0x1F; // /* */ \"\\n\" &&|| => <s> </s> <unk> "
    "<0x0A> %d $HOME {{}} ::std http://a.b/c?d=e&f=g",
    "numbers": "0 7 42 1,234.56 1e-9 2024-02-29 12:30 ½ ² Ⅳ ٣٤ 99% €15 £3 №5",
    "symbols": "∑ ∞ ≤ ≠ → ⇒ ∀x∈ℝ α β ∂ √ ° § ¶ † … — – “ ” ‘ ’ « » • ▁ ▁▁ █ ░ �",
}
SPACES = [" "] * 20 + ["  ", "   ", "\t", "\n", "\n\n", "\r\n", "\u00a0", "\u3000", "\u200b", "\u2009", " " * 17, "\n    "]
EDGES = [
    "", " ", "  ", "\n", "\t", "\0", "a", "▁", "▁a", " a", "a ", "  a  ", "\ufeff", "\ufeffa", "\u200d", "\u0301", "e\u0301",
    "é", "ή", "ή", "<s>", "</s>", "<unk>", "a<s>b", "<s><s>", " <s> ", "<s", "s>", "<</s>>", "<unk>▁<unk>", "<S>",
    "\0a\0\0b", "a\0", "".join(map(chr, range(1, 32))), "\x7f\x80\x9f", "\U0010ffff", "\uffff\ufffe", "\ud7ff\ue000",
    "x" * 47, "x" * 48, "x" * 49, "ab" * 200, "a" * 2000, "the" * 300, " " * 1000, "▁" * 33, "\n" * 100, "=" * 200,
    "." * 77, "ha" * 1000, "馬" * 100, "🐴" * 40, "é" * 60, "e\u0301" * 60, "z̷͔̈́ä̴l̶̛g̸o̵", "𝔭𝔞𝔠𝔨", "ﬁ ﬂ ﬀ", "ⅷ",
    "Supercalifragilisticexpialidocious" * 20, "0123456789" * 30, "AAAaaaAAA", "internationalization",
    "don't can't won't it's", "\"quoted\" (bracketed) [x] {y}", "A.B.C.", "e.g., i.e.; etc.", "snake_case_name camelCaseName",
]


def word(table):
    text = rng.choice(table)
    case = rng.random()
    return text.upper() if case < 0.04 else text.capitalize() if case < 0.12 else text


def sentence(language, length):
    table = WORDS[language].split()
    pieces = []
    for index in range(length):
        pieces.append(word(table) + rng.choice([""] * 12 + [",", ".", ";", "!", "?", ":", ")", "…", "。", "،"]))
        if index + 1 < length:
            pieces.append(rng.choice(SPACES))
    return "".join(pieces)


def noise(low, high, length):
    """Random characters of a range, without surrogates, which text can't contain."""
    return "".join(chr(code) for code in (rng.randint(low, high) for _ in range(length)) if not 0xD800 <= code < 0xE000)


def texts():
    yield from EDGES
    languages = list(WORDS)
    made = len(EDGES)
    while made < COUNT:
        kind = made % 10
        if kind < 6:
            text = sentence(languages[made % len(languages)], rng.randint(1, 24))
        elif kind < 8:
            text = rng.choice(SPACES).join(sentence(rng.choice(languages), rng.randint(1, 6)) for _ in range(4))
        elif kind == 8:
            low, high = rng.choice([(0x20, 0x7E), (0, 0x2FF), (0x300, 0x1FFF), (0x2000, 0xFFFF), (0x10000, 0x10FFFF)])
            text = noise(low, high, rng.randint(1, 60))
        else:
            letters = "".join(WORDS[rng.choice(languages)].split())
            text = "".join(rng.choice(letters) for _ in range(rng.randint(5, 150)))
        yield text
        made += 1


def main(target):
    target.mkdir(parents=True, exist_ok=True)
    model = WordLlama.load(disable_download=True)
    all_texts = list(texts())
    assert len(all_texts) == COUNT

    # One text at a time: in a batch, the package pads the shorter ones.
    ids = [model.tokenize(text)[0].ids for text in all_texts]
    with open(target / "texts.jsonl", "w", encoding="utf-8") as lines:
        for text, tokens in zip(all_texts, ids):
            lines.write(json.dumps({"text": text, "ids": tokens}, ensure_ascii=False, separators=(",", ":")) + "\n")

    # For no tokens, the package's mean is zero, and normalizing it would be 0/0: such a row stays zero here.
    means = [model.embed(text)[0] for text in all_texts]
    rows = [mean / norm if (norm := np.linalg.norm(mean)) else mean for mean in means]
    np.stack(rows).astype("<f2").tofile(target / "vectors.f16")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "Tests/EmbeddingTests/Fixtures"))
