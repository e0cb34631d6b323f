/* SPDX-License-Identifier: BSD-3-Clause */
/* SentencePiece behind a C face: the only C++ of the model. Nothing thrown leaves this file, and
 * the library's own log lines are turned off; what went wrong travels in messages. BERT's WordPiece
 * (impl/words), which is C, stands behind the same face. */
extern "C" {
#include "impl/model/tokenizer.h"

#include "impl/base/error.h"
#include "impl/base/file.h"
#include "impl/base/hash.h"
#include "impl/base/memory.h"
#include "impl/model/spm.h"
#include "impl/model/spm_json.h"
#include "impl/words/wordpiece.h"
#include "impl/words/wordpiece_json.h"
#include "impl/words/wordpiece_lines.h"
}

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <unordered_map>
#include <vector>

struct l4r_tokenizer {
  sentencepiece::SentencePieceProcessor processor;
  l4r_wordpiece *wordpiece = nullptr; /* BERT's; then the processor is empty */
};

namespace {

constexpr int PAD = 0, END = 1, UNKNOWN = 2;

int thrown(const char *what) {
  return l4r_fail(L4R_ENVIRONMENT, "%s: no memory, or SentencePiece failed", what);
}

/* Copies text into a C buffer of `capacity` bytes, cut at a whole byte, always ended. */
int64_t copy_out(const std::string &text, char *out, int64_t capacity) {
  if (capacity > 0) {
    size_t room = static_cast<size_t>(capacity) - 1;
    size_t bytes = text.size() < room ? text.size() : room;
    std::memcpy(out, text.data(), bytes);
    out[bytes] = 0;
  }
  return static_cast<int64_t>(text.size());
}

class Lines : public sentencepiece::SentenceIterator {
public:
  Lines(const char *const *line, int64_t lines) : line_(line), lines_(lines) {
    load();
  }
  bool done() const override {
    return at_ >= lines_;
  }
  void Next() override {
    at_++;
    load();
  }
  const std::string &value() const override {
    return value_;
  }
  sentencepiece::util::Status status() const override {
    return sentencepiece::util::Status();
  }

private:
  void load() {
    if (at_ < lines_) value_ = line_[at_];
  }
  const char *const *line_;
  int64_t lines_, at_ = 0;
  std::string value_;
};

int check_ids(const sentencepiece::SentencePieceProcessor &processor, const char *path) {
  if (processor.pad_id() == PAD && processor.eos_id() == END && processor.unk_id() == UNKNOWN) {
    return L4R_OK;
  }
  return l4r_fail(L4R_INPUT,
                  "%s: pad, </s> and unk are pieces %d, %d, %d; T5's 0, 1, 2 are needed: train the "
                  "tokenizer with pad_id=0, eos_id=1, unk_id=2",
                  path, processor.pad_id(), processor.eos_id(), processor.unk_id());
}

bool is_lines(const char *path) {
  const char *slash = std::strrchr(path, '/');
  return !std::strcmp(slash ? slash + 1 : path, "vocab.txt");
}

/* Reads any form: into *wordpiece, or, where that stays NULL, the bytes of a SentencePiece model.
 */
int read_any(const char *path, l4r_wordpiece **wordpiece, char **content, size_t *bytes) {
  char *file;
  size_t size, at = 0;
  *wordpiece = nullptr;
  if (is_lines(path)) return l4r_wordpiece_of_lines(path, wordpiece);
  int status = l4r_read_file(path, 0, &file, &size);
  if (status) return status;
  while (at < size && std::strchr(" \t\r\n", file[at]) && file[at]) at++;
  if (at == size || file[at] != '{') {
    *content = file;
    *bytes = size;
    return L4R_OK;
  }
  if (l4r_wordpiece_is_json(file, size))
    status = l4r_wordpiece_of_json(path, file, size, wordpiece);
  else
    status = l4r_spm_of_json(path, file, size, content, bytes);
  l4r_free(file);
  return status;
}

/* The bytes of a model folder's tokenizer.model: a SentencePiece model, or the tokenizer.json of a
 * WordPiece. */
int read_model(const char *path, char **content, size_t *bytes) {
  l4r_wordpiece *wordpiece;
  int status = read_any(path, &wordpiece, content, bytes);
  if (status || !wordpiece) return status;
  status = l4r_wordpiece_json(wordpiece, content, bytes);
  l4r_wordpiece_close(wordpiece);
  return status;
}

int open_any(const char *path, l4r_tokenizer *made) {
  sentencepiece::SentencePieceProcessor *processor = &made->processor;
  char *content;
  size_t bytes;
  int status = read_any(path, &made->wordpiece, &content, &bytes);
  if (status || made->wordpiece) return status;
  std::string model(content, bytes);
  l4r_free(content);
  if (model.empty()) return l4r_fail(L4R_INPUT, "%s: empty; a SentencePiece model is needed", path);
  auto loaded = processor->LoadFromSerializedProto(model);
  if (!loaded.ok()) {
    return l4r_fail(L4R_INPUT, "%s: not a SentencePiece model: %s", path, loaded.error_message());
  }
  return check_ids(*processor, path);
}

} // namespace

extern "C" {

int l4r_tokenizer_open(const char *path, struct l4r_tokenizer **tokenizer) {
  try {
    auto *made = new l4r_tokenizer;
    int status;
    try {
      status = open_any(path, made);
    } catch (const std::exception &) {
      status = l4r_fail(L4R_INPUT, "%s: not a SentencePiece model", path);
    }
    if (status) {
      delete made;
      return status;
    }
    *tokenizer = made;
    return L4R_OK;
  } catch (const std::exception &) {
    return thrown(path);
  }
}

void l4r_tokenizer_close(struct l4r_tokenizer *tokenizer) {
  if (tokenizer) l4r_wordpiece_close(tokenizer->wordpiece);
  delete tokenizer;
}

const char *l4r_tokenizer_version(void) {
#if defined(L4R_SENTENCEPIECE)
  return L4R_SENTENCEPIECE;
#else
  return "unknown";
#endif
}

int64_t l4r_tokenizer_size(const struct l4r_tokenizer *tokenizer) {
  if (tokenizer->wordpiece) return tokenizer->wordpiece->pieces;
  return tokenizer->processor.GetPieceSize();
}

int l4r_tokenizer_is_wordpiece(const struct l4r_tokenizer *tokenizer) {
  return tokenizer->wordpiece != nullptr;
}

void l4r_tokenizer_frame(const struct l4r_tokenizer *tokenizer, int32_t *begin, int32_t *end) {
  *begin = tokenizer->wordpiece ? tokenizer->wordpiece->begin : -1;
  *end = tokenizer->wordpiece ? tokenizer->wordpiece->end : END;
}

int64_t l4r_tokenizer_encode(const struct l4r_tokenizer *tokenizer, const char *text, int32_t *ids,
                             int64_t capacity) {
  if (tokenizer->wordpiece) return l4r_wordpiece_encode(tokenizer->wordpiece, text, ids, capacity);
  try {
    std::vector<int> found;
    auto status = tokenizer->processor.Encode(text, &found);
    if (!status.ok()) {
      return l4r_fail(L4R_INPUT, "cannot encode a text: %s", status.error_message());
    }
    int64_t count = static_cast<int64_t>(found.size());
    for (int64_t i = 0; i < count && i < capacity; i++) ids[i] = found[static_cast<size_t>(i)];
    return count;
  } catch (const std::exception &) {
    return thrown("encoding a text");
  }
}

int64_t l4r_tokenizer_decode(const struct l4r_tokenizer *tokenizer, const int32_t *ids,
                             int64_t count, char *text, int64_t capacity) {
  if (tokenizer->wordpiece)
    return l4r_fail(L4R_USAGE, "WordPiece drops blanks and capitals, so tokens are not decoded");
  try {
    int size = tokenizer->processor.GetPieceSize();
    for (int64_t i = 0; i < count; i++) {
      if (ids[i] < 0 || ids[i] >= size) {
        return l4r_fail(L4R_INPUT, "token %d at place %lld is outside the tokenizer's %d pieces",
                        static_cast<int>(ids[i]), static_cast<long long>(i), size);
      }
    }
    std::string found;
    auto status = tokenizer->processor.Decode(std::vector<int>(ids, ids + count), &found);
    if (!status.ok()) {
      return l4r_fail(L4R_INPUT, "cannot decode tokens: %s", status.error_message());
    }
    return copy_out(found, text, capacity);
  } catch (const std::exception &) {
    return thrown("decoding tokens");
  }
}

int l4r_tokenizer_train(const char *const *line, int64_t lines, int64_t pieces, const char *path) {
  bool text = false;
  for (int64_t i = 0; i < lines && !text; i++) text = line[i][std::strspn(line[i], " \t")] != 0;
  if (!text) return l4r_fail(L4R_INPUT, "no text to train the tokenizer %s on", path);
  try {
    /* One thread and no sampling: the same lines give the same bytes. Digits are required because
     * item ids are spelt with them; sentences are as long as they come. */
    const std::unordered_map<std::string, std::string> settings = {
        {"model_type", "unigram"},
        {"vocab_size", std::to_string(pieces)},
        {"hard_vocab_limit", "false"},
        {"character_coverage", "1.0"},
        {"pad_id", std::to_string(PAD)},
        {"eos_id", std::to_string(END)},
        {"bos_id", "-1"},
        {"unk_id", std::to_string(UNKNOWN)},
        {"num_threads", "1"},
        {"required_chars", "0123456789"},
        {"input_sentence_size", "0"},
        {"max_sentence_length", "1048576"},
        {"minloglevel", "3"},
    };
    Lines sentences(line, lines);
    std::string model;
    auto status = sentencepiece::SentencePieceTrainer::Train(settings, &sentences, &model);
    if (!status.ok()) {
      return l4r_fail(L4R_INPUT, "cannot train the tokenizer %s with %lld pieces: %s", path,
                      static_cast<long long>(pieces), status.error_message());
    }
    const int told = l4r_spm_distinct(path, &model[0], model.size());
    return told ? told : l4r_write_file(path, model.data(), model.size());
  } catch (const std::exception &) {
    return thrown(path);
  }
}

int l4r_tokenizer_sha256(const char *path, char sha256[65]) {
  char *content;
  size_t bytes;
  int status = read_model(path, &content, &bytes);
  if (status) return status;
  l4r_sha256(content, bytes, sha256);
  l4r_free(content);
  return L4R_OK;
}

int l4r_tokenizer_copy(const char *from, const char *to) {
  char *content;
  size_t bytes;
  int status = read_model(from, &content, &bytes);
  if (status) return status;
  status = l4r_write_file(to, content, bytes);
  l4r_free(content);
  return status;
}

} // extern "C"
