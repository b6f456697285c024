// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/graph_reader.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ir/option_text.h"
#include "ir/testing/constant_reader.h"
#include "ir/testing/tensor_reader.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

std::string RefText(const ParsedRef& ref) {
  std::string text = absl::StrCat("%", ref.name.empty() ? "" : NameText(ref.name));
  if (ref.id.has_value()) absl::StrAppend(&text, "#", *ref.id);
  return text;
}

}  // namespace

ParsedRef ReadRef(TextCursor& cursor) {
  ParsedRef ref;
  ref.position = cursor.position();
  if (cursor.Accept("_")) {
    ref.missing = true;
    return ref;
  }
  cursor.Expect("%");
  if (cursor.Peek() != '#') ref.name = cursor.Name("the name of a tensor");
  if (cursor.Accept("#")) ref.id = cursor.Number<uint32_t>();
  return ref;
}

void GraphReader::Read() {
  if (cursor_.AtName()) graph().name = cursor_.Name("the name of a graph");
  cursor_.Expect("(");
  inputs_ = ReadDeclarations();
  cursor_.Expect(")");
  cursor_.Expect("->");
  outputs_ = ReadRefs();
  cursor_.Expect("{");
  while (cursor_.ok() && !cursor_.Accept("}")) ReadLine();
  if (cursor_.ok()) PlaceTensors();
  if (cursor_.ok()) ResolveAll();
}

void GraphReader::ReadLine() {
  if (cursor_.AcceptWord("const")) return ReadSource(/*constant=*/true);
  if (cursor_.AcceptWord("tensor")) return ReadSource(/*constant=*/false);
  ReadNode();
}

void GraphReader::ReadSource(bool constant) {
  ReadDeclaration();
  if (!constant || !cursor_.ok()) return;
  Declaration& declaration = declarations_.back();
  ParsedConstant& data = declaration.constant.emplace();
  data.position = cursor_.position();
  data.graph = model_.graphs.size() - 1;
  if (cursor_.AcceptWord("buffer")) data.buffer = cursor_.Number<uint32_t>();
  cursor_.Expect("=");
  data.data = ReadConstant(declaration.tensor, cursor_);
}

void GraphReader::ReadNode() {
  Node node;
  NodeRefs refs;
  if (cursor_.Peek() == '%') {
    refs.outputs = ReadDeclarations();
    cursor_.Expect("=");
  }
  node.code = ReadOperator();
  refs.inputs = ReadRefs();
  ReadNodeTail(node, refs);
  graph().nodes.push_back(std::move(node));
  node_refs_.push_back(std::move(refs));
}

// What stands behind the inputs, in the printer's order.
void GraphReader::ReadNodeTail(Node& node, NodeRefs& refs) {
  if (cursor_.AcceptWord("intermediates")) refs.intermediates = ReadRefs();
  if (cursor_.AcceptWord("mutates")) ReadMutations(node, refs.inputs.size());
  if (cursor_.Peek() == '{') ReadOptions(OptionsTableOf(node.op()).name, node);
  while (FindOptionsTable(cursor_.PeekWord()) != OptionsTable()) {
    ReadOptions(cursor_.Word("a table"), node);
  }
  if (cursor_.AcceptWord("custom_options")) {
    const auto size = cursor_.Number<uint32_t>();
    cursor_.ExpectWord("bytes");
    node.custom_options = Bytes::Own(std::vector<uint8_t>(size));
  }
}

void GraphReader::ReadMutations(Node& node, size_t input_count) {
  node.mutating_variable_inputs.resize(input_count);
  cursor_.Expect("(");
  while (cursor_.ok() && !cursor_.Accept(")")) {
    const size_t position = cursor_.position();
    const auto slot = cursor_.Number<uint32_t>();
    if (slot >= input_count) {
      return cursor_.FailAt(position, absl::StrCat("expected the number of an input, below ",
                                                   input_count, ", found ", slot));
    }
    node.mutating_variable_inputs[slot] = 1;
    cursor_.Accept(",");
  }
}

void GraphReader::ReadOptions(absl::string_view name, Node& node) {
  const OptionsTable& table = FindOptionsTable(name);
  if (table == OptionsTable()) return cursor_.FailExpected("no options: this operator has none");
  const size_t position = cursor_.position();
  const absl::StatusOr<Bytes> packed = options_.Read(name, cursor_.Braces());
  if (!packed.ok()) return cursor_.FailAt(position, packed.status().message());
  model_.KeepAlive(packed->owner());
  const auto* root = flatbuffers::GetRoot<flatbuffers::Table>(packed->data());
  if (table.type != circle::BuiltinOptions_NONE) {
    node.options_type = table.type;
    node.options = root;
  } else {
    node.options2_type = table.type2;
    node.options2 = root;
  }
}

const OperatorCode* GraphReader::ReadOperator() {
  OperatorCode code;
  code.builtin = ReadBuiltin();
  if (cursor_.Accept("@")) code.version = cursor_.Number<int32_t>();
  if (cursor_.AtQuote()) code.custom_code = cursor_.Quoted();
  for (const auto& known : model_.operator_codes()) {
    if (known->builtin == code.builtin && known->version == code.version &&
        known->custom_code == code.custom_code) {
      return known.get();
    }
  }
  return model_.AddOperatorCode(std::move(code));
}

circle::BuiltinOperator GraphReader::ReadBuiltin() {
  const size_t position = cursor_.position();
  const std::string name = cursor_.Word("an operator, 'const', 'tensor' or '}'");
  for (circle::BuiltinOperator op : circle::EnumValuesBuiltinOperator()) {
    if (name == circle::EnumNameBuiltinOperator(op)) return op;
  }
  if (name == "OP_") return static_cast<circle::BuiltinOperator>(cursor_.Number<int32_t>());
  int number = 0;
  if (!absl::SimpleAtoi(absl::StripPrefix(name, "OP_"), &number)) {
    cursor_.FailAt(position, absl::StrCat("expected an operator, found '", name, "'"));
  }
  return static_cast<circle::BuiltinOperator>(number);
}

std::vector<ParsedRef> GraphReader::ReadRefs() {
  std::vector<ParsedRef> refs;
  cursor_.Expect("(");
  while (cursor_.ok() && !cursor_.Accept(")")) {
    if (!refs.empty()) cursor_.Expect(",");
    refs.push_back(ReadRef(cursor_));
  }
  return refs;
}

std::vector<ParsedRef> GraphReader::ReadDeclarations() {
  std::vector<ParsedRef> refs;
  while (cursor_.ok() && (cursor_.Peek() == '%' || cursor_.Peek() == '_')) {
    refs.push_back(ReadDeclaration());
    if (!cursor_.Accept(",")) break;
  }
  return refs;
}

ParsedRef GraphReader::ReadDeclaration() {
  ParsedRef ref = ReadRef(cursor_);
  if (!cursor_.Accept(":")) return ref;
  Declaration& declaration = declarations_.emplace_back();
  declaration.ref = ref;
  declaration.tensor = ReadTensorType(model_, options_, cursor_);
  declaration.tensor.name = ref.name;
  return ref;
}

// Tensors with a number go where it says, the others fill the gaps in the order of the text.
void GraphReader::PlaceTensors() {
  graph().tensors.resize(declarations_.size());
  std::vector<bool> taken(declarations_.size(), false);
  for (Declaration& declaration : declarations_) {
    if (!declaration.ref.id.has_value()) continue;
    const size_t id = *declaration.ref.id;
    if (id >= taken.size() || taken[id]) {
      return cursor_.FailAt(
          declaration.ref.position,
          absl::StrCat("expected a free number below ", taken.size(),
                       " (there are that many tensors), found ", RefText(declaration.ref)));
    }
    taken[id] = true;
    PlaceTensor(id, declaration);
  }
  size_t next = 0;
  for (Declaration& declaration : declarations_) {
    if (declaration.ref.id.has_value()) continue;
    while (taken[next]) ++next;
    PlaceTensor(next++, declaration);
  }
}

void GraphReader::PlaceTensor(size_t id, Declaration& declaration) {
  const ParsedRef& ref = declaration.ref;
  if (!ids_.insert({{ref.name, ref.id}, static_cast<TensorId>(id)}).second) {
    cursor_.FailAt(ref.position, absl::StrCat(RefText(ref),
                                              " is declared twice; tensors of equal "
                                              "names need a number: ",
                                              RefText(ref), "#0"));
  }
  graph().tensors[id] = std::move(declaration.tensor);
  if (declaration.constant.has_value()) {
    declaration.constant->tensor = static_cast<TensorId>(id);
    constants_.push_back(std::move(*declaration.constant));
  }
}

void GraphReader::ResolveAll() {
  graph().inputs = Resolve(inputs_);
  graph().outputs = Resolve(outputs_);
  for (size_t i = 0; i < node_refs_.size(); ++i) {
    graph().nodes[i].inputs = Resolve(node_refs_[i].inputs);
    graph().nodes[i].outputs = Resolve(node_refs_[i].outputs);
    graph().nodes[i].intermediates = Resolve(node_refs_[i].intermediates);
  }
}

StoredVector<TensorId> GraphReader::Resolve(const std::vector<ParsedRef>& refs) {
  StoredVector<TensorId> ids;
  for (const ParsedRef& ref : refs) ids.push_back(Resolve(ref));
  return ids;
}

TensorId GraphReader::Resolve(const ParsedRef& ref) {
  if (ref.missing) return kNoTensor;
  const auto found = ids_.find({ref.name, ref.id});
  if (found != ids_.end()) return found->second;
  cursor_.FailAt(ref.position, absl::StrCat(RefText(ref), " is declared nowhere in its graph"));
  return kNoTensor;
}

}  // namespace q_implant
