//! SmolLM2 in candle, from a GGUF file that holds weights and tokenizer.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::ops::ControlFlow;

use candle_core::quantized::gguf_file::{self, Content, Value};
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use candle_transformers::generation::LogitsProcessor;
use candle_transformers::models::quantized_llama::{MAX_SEQ_LEN, ModelWeights};
use tokenizers::Tokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;

use super::stops::Stops;
use super::{ChatMessage, ChatRequest, ChatRole, Completion, Finish, Generate, GenerateError};
use crate::catalogue::SMOLLM2;
use crate::fetch::ModelFiles;

/// The prompt is read in parts of so many tokens, so that who gives up waiting is noticed in between.
const PART: usize = 128;

/// What the model's own template begins with when nobody says otherwise.
const DEFAULT_SYSTEM: &str = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

/// SmolLM2-135M-Instruct.
pub struct SmolLm {
    weights: ModelWeights,
    tokenizer: Tokenizer,
    turn_begins: u32,
    turn_ends: u32,
    text_ends: u32,
}

impl std::fmt::Debug for SmolLm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SmolLm").finish_non_exhaustive()
    }
}

impl SmolLm {
    /// Loads the model's file. Takes some seconds and 600 MB, twice that for a moment.
    pub fn load(files: &ModelFiles) -> Result<Self, GenerateError> {
        let broken = |cause: String| GenerateError::Broken { path: files.folder.display().to_string(), cause };
        let name = SMOLLM2.files.first().map_or_else(String::new, |file| file.name.to_owned());
        let mut reader = BufReader::new(File::open(files.path(&name)).map_err(|error| broken(format!("{name}: {error}")))?);
        let content = Content::read(&mut reader).map_err(|error| broken(error.to_string()))?;
        let tokenizer = tokenizer(&content).map_err(&broken)?;
        let special = |token: &str| tokenizer.token_to_id(token).ok_or_else(|| broken(format!("it has no token {token}")));
        let (turn_begins, turn_ends) = (special("<|im_start|>")?, special("<|im_end|>")?);
        let text_ends = special("<|endoftext|>")?;
        let weights = weights(&content, &mut reader).map_err(|error| broken(error.to_string()))?;
        Ok(Self { weights, tokenizer, turn_begins, turn_ends, text_ends })
    }

    /// The chat as tokens, ready for the assistant's turn. The marks of a turn are tokens that no text becomes.
    fn prompt(&self, messages: &[ChatMessage]) -> Result<Vec<u32>, GenerateError> {
        let mut tokens = Vec::new();
        if messages.first().is_none_or(|first| first.role != ChatRole::System) {
            self.turn(&mut tokens, ChatRole::System, DEFAULT_SYSTEM)?;
        }
        for message in messages {
            self.turn(&mut tokens, message.role, &message.content)?;
        }
        tokens.push(self.turn_begins);
        self.text(&mut tokens, &format!("{}\n", ChatRole::Assistant.as_str()))?;
        Ok(tokens)
    }

    fn turn(&self, tokens: &mut Vec<u32>, role: ChatRole, content: &str) -> Result<(), GenerateError> {
        tokens.push(self.turn_begins);
        self.text(tokens, &format!("{}\n{content}", role.as_str()))?;
        tokens.push(self.turn_ends);
        self.text(tokens, "\n")
    }

    fn text(&self, tokens: &mut Vec<u32>, text: &str) -> Result<(), GenerateError> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(|error| GenerateError::Failed(error.to_string()))?;
        tokens.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    fn answer(
        &self,
        prompt: &[u32],
        request: &ChatRequest,
        emit: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<(usize, Finish), candle_core::Error> {
        // The weights are shared, and what was read so far is this generation's own.
        let mut weights = self.weights.clone();
        let mut logits = None;
        let mut place = 0;
        for part in prompt.chunks(PART) {
            if emit("").is_break() {
                return Ok((0, Finish::Cancelled));
            }
            logits = Some(weights.forward(&Tensor::new(part, &Device::Cpu)?.unsqueeze(0)?, place)?);
            place += part.len();
        }
        let mut sampler = LogitsProcessor::new(request.seed, Some(request.temperature), request.top_p);
        let mut spelled = self.tokenizer.decode_stream(true);
        let mut stops = Stops::new(&request.stop);
        let mut given = 0;
        let most = request.max_tokens.min(MAX_SEQ_LEN.saturating_sub(prompt.len()));
        let mut finish = Finish::Length;
        while let Some(present) = logits.take().filter(|_| given < most) {
            let token = sampler.sample(&present.squeeze(0)?)?;
            given += 1;
            if token == self.turn_ends || token == self.text_ends {
                finish = Finish::Stop;
                break;
            }
            let piece = spelled.step(token).map_err(|error| candle_core::Error::Msg(error.to_string()))?;
            let (shown, stopped) = stops.push(&piece.unwrap_or_default());
            if emit(&shown).is_break() {
                return Ok((given, Finish::Cancelled));
            }
            if stopped {
                return Ok((given, Finish::Stop));
            }
            if given < most {
                logits = Some(weights.forward(&Tensor::new(&[token], &Device::Cpu)?.unsqueeze(0)?, place)?);
                place += 1;
            }
        }
        // Nobody listening to the last piece changes nothing any more.
        let _ = emit(&stops.rest());
        Ok((given, finish))
    }
}

impl Generate for SmolLm {
    fn name(&self) -> &str {
        SMOLLM2.name
    }

    fn generate(&self, request: &ChatRequest, emit: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Completion, GenerateError> {
        let prompt = self.prompt(&request.messages)?;
        if prompt.len() >= MAX_SEQ_LEN {
            return Err(GenerateError::TooLong { tokens: prompt.len(), most: MAX_SEQ_LEN });
        }
        let answered = self.answer(&prompt, request, emit);
        let (completion_tokens, finish) = answered.map_err(|error| GenerateError::Failed(error.to_string()))?;
        Ok(Completion { prompt_tokens: prompt.len(), completion_tokens, finish })
    }
}

/// The network, its matrices as floats: a prompt is read 15 times as fast as from 4-bit integers of this kind, which candle multiplies one by one, and 3.6
/// times as fast as from 8-bit ones; tokens come 2.5 times as fast. candle builds the network from a file alone: so a file is written, in memory.
fn weights(content: &Content, reader: &mut BufReader<File>) -> Result<ModelWeights, candle_core::Error> {
    let mut names: Vec<&String> = content.tensor_infos.keys().collect();
    names.sort();
    let mut tensors = Vec::with_capacity(names.len());
    for name in names {
        let stored = content.tensor(reader, name, &Device::Cpu)?;
        let tensor = match stored.dtype() {
            GgmlDType::Q4_1 => QTensor::quantize(&stored.dequantize(&Device::Cpu)?, GgmlDType::F32)?,
            _ => stored,
        };
        tensors.push((name.as_str(), tensor));
    }
    let metadata: Vec<(&str, &Value)> = content
        .metadata
        .iter()
        .filter(|(key, _)| !key.starts_with("tokenizer."))
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    let mut file = Cursor::new(Vec::new());
    gguf_file::write(&mut file, &metadata, &tensors)?;
    file.set_position(0);
    let content = Content::read(&mut file)?;
    ModelWeights::from_gguf(content, &mut file, &Device::Cpu)
}

/// The tokenizer that the file describes. candle takes its `smollm` for GPT-2's; it differs by taking digits one by one and by
/// setting no space before a text.
fn tokenizer(content: &Content) -> Result<Tokenizer, String> {
    let mut tokenizer = Tokenizer::from_gguf(content).map_err(|error| error.to_string())?;
    let parts = vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()];
    tokenizer.with_pre_tokenizer(Some(Sequence::new(parts)));
    // `<|im_end|>` in a message is text: only code ends a turn.
    tokenizer.set_encode_special_tokens(true);
    Ok(tokenizer)
}
