import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteOrder;

/** karuta for Java 17 by JNA: offsets count Java's own chars. Share an engine; give each thread a worker. */
public final class Karuta implements AutoCloseable {
    private static final int OK = 0;
    private static final int UTF16 = 1;

    interface C extends Library {
        C INSTANCE = Native.load("karuta", C.class);

        int karuta_engine_new(Options options, PointerByReference engine);
        void karuta_engine_free(Pointer engine);
        int karuta_worker_new(Pointer engine, PointerByReference worker);
        void karuta_worker_free(Pointer worker);
        int karuta_worker_structure_json(Pointer worker, Note note, PointerByReference json, Pointer length);
        int karuta_code(Pointer engine, Note phrase, PointerByReference coded);
        int karuta_coded_json(Pointer coded, PointerByReference json, Pointer length);
        void karuta_coded_free(Pointer coded);
        void karuta_string_free(Pointer string);
        Pointer karuta_last_error();
        String karuta_version();
    }

    @Structure.FieldOrder({"size", "text", "length", "encoding", "offsets", "date"})
    public static class Note extends Structure {
        public Size size = new Size();
        public Pointer text;
        public Size length = new Size();
        public int encoding = UTF16;
        public int offsets;
        public Pointer date;

        // what the pointers point to lives as long as this
        private final Memory chars;
        private final Memory day;

        Note(String text, String date) {
            chars = new Memory(Math.max(2L * text.length(), 2));
            chars.getByteBuffer(0, chars.size()).order(ByteOrder.nativeOrder()).asCharBuffer().put(text);
            day = date == null ? null : new Memory(4L * date.length() + 1);
            if (day != null) day.setString(0, date, "UTF-8");
            this.text = chars;
            this.length.setValue(text.length());
            this.date = day;
            this.size.setValue(size());
        }
    }

    @Structure.FieldOrder({"size", "packs", "packCount", "log", "logUser", "logLevel"})
    public static class Options extends Structure {
        public Size size = new Size();
        public Pointer packs;
        public Size packCount = new Size();
        public Callback log;
        public Pointer logUser;
        public int logLevel;
    }

    /** size_t. */
    public static class Size extends com.sun.jna.IntegerType {
        public Size() {
            super(Native.SIZE_T_SIZE, 0, true);
        }
    }

    /** A call that failed. */
    public static final class KarutaException extends RuntimeException {
        public final int code;

        KarutaException(int code) {
            super(C.INSTANCE.karuta_last_error().getString(0, "UTF-8"));
            this.code = code;
        }
    }

    private Pointer engine;

    /** An engine, with packs laid over the built-in dictionaries. */
    public Karuta(String... packs) {
        Memory array = packs.length == 0 ? null : new Memory((long) Native.POINTER_SIZE * packs.length);
        Memory[] paths = new Memory[packs.length];
        for (int i = 0; i < packs.length; i++) {
            paths[i] = new Memory(4L * packs[i].length() + 1);
            paths[i].setString(0, packs[i], "UTF-8");
            array.setPointer((long) Native.POINTER_SIZE * i, paths[i]);
        }
        Options options = new Options();
        options.packs = array;
        options.packCount.setValue(packs.length);
        options.size.setValue(options.size());
        PointerByReference out = new PointerByReference();
        check(C.INSTANCE.karuta_engine_new(options, out));
        engine = out.getValue();
    }

    /** The library's version. */
    public static String version() {
        return C.INSTANCE.karuta_version();
    }

    /** A worker for one thread. */
    public Worker worker() {
        return new Worker(engine);
    }

    /** Codes a phrase that stands alone. Returns JSON: text, codings, name, candidates. */
    public String code(String phrase) {
        PointerByReference coded = new PointerByReference();
        check(C.INSTANCE.karuta_code(engine, new Note(phrase, null), coded));
        try {
            PointerByReference json = new PointerByReference();
            check(C.INSTANCE.karuta_coded_json(coded.getValue(), json, null));
            return take(json);
        } finally {
            C.INSTANCE.karuta_coded_free(coded.getValue());
        }
    }

    @Override
    public void close() {
        C.INSTANCE.karuta_engine_free(engine);
        engine = null;
    }

    /** One thread's part of an engine. */
    public static final class Worker implements AutoCloseable {
        private Pointer worker;

        private Worker(Pointer engine) {
            PointerByReference out = new PointerByReference();
            check(C.INSTANCE.karuta_worker_new(engine, out));
            worker = out.getValue();
        }

        /** Reads a note written on a day (ISO 8601, or null). Returns JSON; offsets are indexes into the string. */
        public String structure(String text, String date) {
            PointerByReference json = new PointerByReference();
            check(C.INSTANCE.karuta_worker_structure_json(worker, new Note(text, date), json, null));
            return take(json);
        }

        @Override
        public void close() {
            C.INSTANCE.karuta_worker_free(worker);
            worker = null;
        }
    }

    private static String take(PointerByReference json) {
        try {
            return json.getValue().getString(0, "UTF-8");
        } finally {
            C.INSTANCE.karuta_string_free(json.getValue());
        }
    }

    private static void check(int result) {
        if (result != OK) throw new KarutaException(result);
    }
}
