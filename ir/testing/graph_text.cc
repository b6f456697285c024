// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/graph_text.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/printer.h"
#include "ir/testing/graph_reader.h"

namespace q_implant {
namespace {

class ModelReader {
 public:
  explicit ModelReader(absl::string_view text) : cursor_(text) {}

  absl::StatusOr<Model> Read() {
    while (cursor_.ok() && !cursor_.AtEnd()) ReadPart();
    if (cursor_.ok()) PlaceConstants();
    for (auto& [metadata, size] : metadata_) {
      metadata.buffer = model_.AddBuffer(Bytes::Own(std::vector<uint8_t>(size)));
      model_.metadata.push_back(std::move(metadata));
    }
    if (!cursor_.ok()) return cursor_.status();
    return std::move(model_);
  }

 private:
  void ReadPart() {
    if (cursor_.AcceptWord("graph")) return ReadGraph();
    if (cursor_.AcceptWord("model")) return ReadHeader();
    if (cursor_.AcceptWord("signature")) return ReadSignature();
    if (cursor_.AcceptWord("metadata")) return ReadMetadata();
    cursor_.FailExpected("'graph', 'model', 'signature' or 'metadata'");
  }

  void ReadHeader() {
    model_.identifier = cursor_.Word("a file identifier");
    cursor_.ExpectWord("version");
    model_.version = cursor_.Number<uint32_t>();
    if (cursor_.AtQuote()) model_.description = cursor_.Quoted();
  }

  void ReadGraph() {
    model_.graphs.emplace_back();
    graphs_.emplace_back(model_, options_, cursor_).Read();
  }

  void ReadSignature() {
    SignatureDef& signature = model_.signature_defs.emplace_back();
    signature.signature_key = cursor_.Name("the name of a signature");
    cursor_.ExpectWord("of");
    cursor_.ExpectWord("graph");
    const size_t position = cursor_.position();
    signature.graph = cursor_.Number<uint32_t>();
    if (signature.graph >= graphs_.size()) {
      return cursor_.FailAt(position, absl::StrCat("expected a graph that stands above, below ",
                                                   graphs_.size(), ", found ", signature.graph));
    }
    GraphReader& graph = *std::next(graphs_.begin(), signature.graph);
    signature.inputs = ReadMaps(graph);
    cursor_.Expect("->");
    signature.outputs = ReadMaps(graph);
  }

  StoredVector<TensorMap> ReadMaps(GraphReader& graph) {
    StoredVector<TensorMap> maps;
    cursor_.Expect("(");
    while (cursor_.ok() && !cursor_.Accept(")")) {
      if (!maps.empty()) cursor_.Expect(",");
      TensorMap& map = maps.emplace_back();
      map.name = cursor_.Name("a name");
      cursor_.Expect(":");
      map.tensor = graph.Resolve(ReadRef(cursor_));
    }
    return maps;
  }

  void ReadMetadata() {
    Metadata metadata;
    metadata.name = cursor_.Name("the name of metadata");
    const auto size = cursor_.Number<uint32_t>();
    cursor_.ExpectWord("bytes");
    metadata_.emplace_back(std::move(metadata), size);
  }

  // Numbered buffers go where the number says, the others fill the gaps; buffer 0 stays empty.
  void PlaceConstants() {
    std::map<uint32_t, const ParsedConstant*> numbered;
    std::vector<ParsedConstant*> free;
    for (GraphReader& graph : graphs_) {
      for (ParsedConstant& constant : graph.constants()) {
        if (!constant.buffer.has_value()) {
          free.push_back(&constant);
        } else if (const auto [known, added] = numbered.insert({*constant.buffer, &constant});
                   !added && known->second->data.span() != constant.data.span()) {
          cursor_.FailAt(constant.position,
                         absl::StrCat("buffer ", *constant.buffer, " has other data above"));
        }
        TensorOf(constant).buffer = constant.buffer.value_or(0);
      }
    }
    model_.buffers.resize(numbered.empty() ? 1 : numbered.rbegin()->first + 1);
    for (const auto& [number, constant] : numbered) model_.buffers[number] = constant->data;
    uint32_t next = 1;
    for (ParsedConstant* constant : free) {
      while (numbered.count(next) > 0) ++next;
      if (next >= model_.buffers.size()) model_.buffers.emplace_back();
      TensorOf(*constant).buffer = next;
      model_.buffers[next++] = constant->data;
    }
  }

  Tensor& TensorOf(const ParsedConstant& constant) {
    return model_.graphs[constant.graph].tensor(constant.tensor);
  }

  Model model_;
  OptionsReader options_;
  TextCursor cursor_;
  std::list<GraphReader> graphs_;
  std::vector<std::pair<Metadata, uint32_t>> metadata_;  // with sizes
};

}  // namespace

absl::StatusOr<Model> ParseModel(absl::string_view text) { return ModelReader(text).Read(); }

Model ModelFromText(absl::string_view text) {
  absl::StatusOr<Model> model = ParseModel(text);
  if (!model.ok()) {
    std::cerr << "graph text " << model.status().message() << "\n";
    std::abort();
  }
  return *std::move(model);
}

std::string Canonical(absl::string_view text) { return PrintModel(ModelFromText(text)); }

}  // namespace q_implant
