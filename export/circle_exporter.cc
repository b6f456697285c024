// SPDX-License-Identifier: Apache-2.0
#include "export/circle_exporter.h"

#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "export/atomic_file.h"
#include "export/table_writer.h"

namespace q_implant {
namespace {

constexpr uint64_t kAlignment = kPayloadAlignment;
constexpr uint64_t kLengthPrefix = sizeof(flatbuffers::uoffset_t);

uint64_t AlignUp(uint64_t position) { return (position + kAlignment - 1) & ~(kAlignment - 1); }

// A payload and where its first byte goes in the file.
struct PlacedPayload {
  uint64_t position = 0;
  bool has_prefix = false;  // its length stands in front of it: it is a vector of the flatbuffer
  absl::Span<const uint8_t> payload;
};

struct Layout {
  std::vector<PlacedPayload> payloads;  // by position
  uint64_t flatbuffer_size = 0;
};

// Gives every payload its place behind the tables, and writes the places into them.
class LayoutPlanner {
 public:
  explicit LayoutPlanner(Tables* tables) : tables_(tables), end_(tables->bytes.size()) {}

  Layout Plan() {
    PlaceAll(/*appended=*/false);
    layout_.flatbuffer_size = end_;
    PlaceAll(/*appended=*/true);
    return std::move(layout_);
  }

 private:
  void PlaceAll(bool appended) {
    for (const PayloadSlot& slot : tables_->slots) {
      if (slot.appended == appended) Fill(slot, Place(slot));
    }
  }

  // Where the payload starts; the same place for the same memory.
  uint64_t Place(const PayloadSlot& slot) {
    const auto [known, is_new] =
        places_.try_emplace({slot.payload.data(), slot.payload.size(), slot.appended}, 0);
    if (is_new) {
      const uint64_t position = AlignUp(slot.appended ? end_ : end_ + kLengthPrefix);
      layout_.payloads.push_back({position, !slot.appended, slot.payload});
      end_ = position + slot.payload.size();
      known->second = position;
    }
    return known->second;
  }

  void Fill(const PayloadSlot& slot, uint64_t position) {
    uint8_t* field = tables_->bytes.data() + slot.field;
    if (slot.appended) {
      flatbuffers::WriteScalar(field, position);
    } else {
      const uint64_t distance = position - kLengthPrefix - slot.field;
      flatbuffers::WriteScalar(field, static_cast<flatbuffers::uoffset_t>(distance));
    }
  }

  Tables* tables_;
  uint64_t end_;
  Layout layout_;
  absl::flat_hash_map<std::tuple<const uint8_t*, size_t, bool>, uint64_t> places_;
};

absl::Status WritePayloads(const Layout& layout, uint64_t position, Sink sink) {
  static constexpr uint8_t kZeros[kAlignment + kLengthPrefix] = {};
  for (const PlacedPayload& placed : layout.payloads) {
    uint8_t prefix[kLengthPrefix];
    const size_t prefix_size = placed.has_prefix ? kLengthPrefix : 0;
    flatbuffers::WriteScalar(prefix, static_cast<flatbuffers::uoffset_t>(placed.payload.size()));
    const uint64_t gap = placed.position - prefix_size - position;

    absl::Status status = sink(absl::MakeConstSpan(kZeros, gap));
    if (status.ok()) status = sink(absl::MakeConstSpan(prefix, prefix_size));
    if (status.ok()) status = sink(placed.payload);
    if (!status.ok()) return status;
    position = placed.position + placed.payload.size();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ExportCircle(const Model& model, Sink sink, const ExportOptions& options) {
  for (Appended appended :
       {Appended::kNone, Appended::kBuffers, Appended::kBuffersAndCustomOptions}) {
    absl::StatusOr<Tables> tables = WriteTables(model, appended, options.flatbuffer_limit);
    if (!tables.ok()) return tables.status();
    const Layout layout = LayoutPlanner(&*tables).Plan();
    if (layout.flatbuffer_size > options.flatbuffer_limit) continue;

    absl::Status written = sink(absl::MakeConstSpan(tables->bytes.data(), tables->bytes.size()));
    if (!written.ok()) return written;
    return WritePayloads(layout, tables->bytes.size(), sink);
  }
  return TablesTooLarge(model, options.flatbuffer_limit);
}

absl::Status ExportCircle(const Model& model, const std::string& path,
                          const ExportOptions& options) {
  absl::StatusOr<AtomicFile> file = AtomicFile::Create(path, *options.files);
  if (!file.ok()) return file.status();
  const auto append = [&](absl::Span<const uint8_t> bytes) { return file->Append(bytes); };
  absl::Status exported = ExportCircle(model, append, options);
  return exported.ok() ? file->Commit() : exported;
}

absl::StatusOr<std::vector<uint8_t>> ExportCircleToBytes(const Model& model,
                                                         const ExportOptions& options) {
  std::vector<uint8_t> file;
  absl::Status status = ExportCircle(
      model,
      [&](absl::Span<const uint8_t> bytes) {
        file.insert(file.end(), bytes.begin(), bytes.end());
        return absl::OkStatus();
      },
      options);
  if (!status.ok()) return status;
  return file;
}

}  // namespace q_implant
