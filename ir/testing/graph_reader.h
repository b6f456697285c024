// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TESTING_GRAPH_READER_H_
#define Q_IMPLANT_IR_TESTING_GRAPH_READER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/model.h"
#include "ir/testing/options_reader.h"
#include "ir/testing/text_cursor.h"

namespace q_implant {

// The data of a constant, until all numbers of buffers in the model are known.
struct ParsedConstant {
  Bytes data;
  std::optional<uint32_t> buffer;  // the number the text gives
  size_t position = 0;             // in the text
  size_t graph = 0;
  TensorId tensor = 0;
};

// "%name" or "%name#7", resolved when the whole graph is read.
struct ParsedRef {
  std::string name;
  std::optional<uint32_t> id;  // the number behind '#'
  bool missing = false;        // "_"
  size_t position = 0;         // in the text
};

ParsedRef ReadRef(TextCursor& cursor);

// Reads one graph, from behind the word "graph" to its '}', into the last graph of the model.
class GraphReader {
 public:
  GraphReader(Model& model, OptionsReader& options, TextCursor& cursor)
      : model_(model), options_(options), cursor_(cursor) {}

  void Read();

  std::vector<ParsedConstant>& constants() { return constants_; }

  // The position of a tensor of the graph that was read.
  TensorId Resolve(const ParsedRef& ref);

 private:
  struct Declaration {
    ParsedRef ref;
    Tensor tensor;
    std::optional<ParsedConstant> constant;
  };
  struct NodeRefs {
    std::vector<ParsedRef> inputs, outputs, intermediates;
  };

  Graph& graph() { return model_.graphs.back(); }

  void ReadLine();
  void ReadSource(bool constant);
  void ReadNode();
  void ReadNodeTail(Node& node, NodeRefs& refs);
  void ReadOptions(absl::string_view table, Node& node);
  void ReadMutations(Node& node, size_t input_count);
  const OperatorCode* ReadOperator();
  circle::BuiltinOperator ReadBuiltin();

  std::vector<ParsedRef> ReadRefs();          // "(%a, %b)"
  std::vector<ParsedRef> ReadDeclarations();  // "%a: int8[1], %b", up to what is no tensor
  ParsedRef ReadDeclaration();

  void PlaceTensors();
  void PlaceTensor(size_t id, Declaration& declaration);
  void ResolveAll();
  StoredVector<TensorId> Resolve(const std::vector<ParsedRef>& refs);

  Model& model_;
  OptionsReader& options_;
  TextCursor& cursor_;
  std::vector<Declaration> declarations_;
  std::vector<ParsedRef> inputs_, outputs_;
  std::vector<NodeRefs> node_refs_;
  std::vector<ParsedConstant> constants_;
  std::map<std::pair<std::string, std::optional<uint32_t>>, TensorId> ids_;  // by name and number
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TESTING_GRAPH_READER_H_
